import type { MetricDeclaration } from '../../core/declarations.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { type Metric, noChance } from '../metric.ts';
import { labelNumber, oneHot, type PredictedExample } from './predictedExample.ts';

/** How often a label is predicted. */
export interface LabelShare {
	readonly label: string;
	readonly count: number;
	readonly share: number;
}

/**
 * Returns every label of the task with its count and share among `names`, in the task's order; empty without names.
 * Throws `UserError` for a name that is no label of the task.
 */
export function labelDistribution(labels: readonly string[], names: readonly string[]): LabelShare[] {
	if (names.length === 0) return [];
	const numbers = names.map((name) => labelNumber(labels, name));
	return labels.map((label, index) => {
		const count = numbers.filter((number) => number === index).length;
		return { label, count, share: count / names.length };
	});
}

/** Returns `-sum n_c/N log(n_c/N) / log C`, 1 for evenly used labels, 0 for one label; missing with fewer than two labels. */
export function normalisedEntropy(counts: readonly number[]): Score {
	const total = counts.reduce((sum, count) => sum + count, 0);
	if (counts.length < 2) return missing('the task has one label');
	if (total === 0) return missing('no predictions');
	const used = counts.filter((count) => count > 0).map((count) => count / total);
	return scored(used.reduce((sum, share) => sum - share * Math.log(share), 0) / Math.log(counts.length));
}

/** Share of the label predicted most often (docs/methods.md E.12). */
export const majorityShare = distributionMetric(
	{
		id: 'majority_share',
		title: 'Share of the most frequent prediction',
		family: 'prediction',
		range: [0, 1],
		better: 'neither',
		needs: 'predictions',
		judges: 'answers',
		source: 'Fayyaz et al. 2024 (collapse of predictions)',
	},
	(counts, total) => scored(Math.max(...counts) / total),
	{ isShare: true },
);

/** Entropy of the predicted labels over its maximum (docs/methods.md E.12). */
export const predictionEntropy = distributionMetric(
	{
		id: 'prediction_entropy',
		title: 'Entropy of the predictions, normalised',
		family: 'prediction',
		range: [0, 1],
		better: 'neither',
		needs: 'predictions',
		judges: 'answers',
		source: 'Shannon 1948; Fayyaz et al. 2024 (collapse of predictions)',
	},
	normalisedEntropy,
);

function distributionMetric(
	declaration: MetricDeclaration,
	combine: (counts: readonly number[], total: number) => Score,
	kind: Pick<Metric<PredictedExample>, 'isShare'> = {},
): Metric<PredictedExample> {
	return {
		declaration,
		isMean: false,
		summand: ({ labels, prediction }) => ({ amounts: oneHot(labels, prediction) }),
		expected: noChance,
		combine,
		...kind,
	};
}

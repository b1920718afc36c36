import { zip } from '../../core/present.ts';
import type { Score } from '../../core/score.ts';
import { type Metric, noChance } from '../metric.ts';
import { mean } from '../statistics/mean.ts';
import { oneHot, type PredictedExample } from './predictedExample.ts';

/**
 * Mean over labels of `2 correct / (predicted + gold)`, counts of that label; labels that occur neither as gold nor as
 * prediction have no F1 and are left out, as in scikit-learn's `f1_score(average='macro')` without given labels.
 */
export const macroF1: Metric<PredictedExample> = {
	declaration: {
		id: 'macro_f1',
		title: 'Macro F1 of the labels',
		family: 'prediction',
		range: [0, 1],
		better: 'higher',
		needs: 'predictions',
		judges: 'answers',
		source: "scikit-learn f1_score(average='macro')",
	},
	isMean: false,
	summand: ({ labels, gold, prediction }) => {
		if (gold === null) return { missing: 'no gold label' };
		const [predicted, annotated] = [oneHot(labels, prediction), oneHot(labels, gold)];
		const both = gold === prediction ? annotated : labels.map(() => 0);
		return { amounts: [...both, ...predicted, ...annotated] };
	},
	expected: noChance,
	combine: labelMean,
};

/** `sums` holds the labels' correct counts, then their predictions, then their gold labels. */
function labelMean(sums: readonly number[]): Score {
	const labels = sums.length / 3;
	const block = (number: number): number[] => sums.slice(number * labels, (number + 1) * labels);
	return mean(
		zip(block(0), zip(block(1), block(2)))
			.filter(([, [predicted, gold]]) => predicted + gold > 0)
			.map(([correct, [predicted, gold]]) => (2 * correct) / (predicted + gold)),
	);
}

/** How much of a model's probability the labels have together (docs/methods.md E.12). */
import { missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance, shareMetric } from '../metric.ts';
import type { LikelyBeginning, PredictedExample } from './predictedExample.ts';

/** Below it a model would rather say something else than any label. */
export const lowMass = 0.5;

/** Mean probability of the labels together, in the whole vocabulary. */
export const labelMass = meanMetric<PredictedExample>(
	{
		id: 'label_mass',
		title: 'Probability of the labels together',
		family: 'prediction',
		range: [0, 1],
		better: 'higher',
		needs: 'predictions',
		judges: 'answers',
		source: 'docs/methods.md E.12',
	},
	massOf,
	noChance,
);

/** Share of texts on which the labels together have less than half of the probability. */
export const labelMassLow = shareMetric<PredictedExample>(
	{
		id: 'label_mass.low',
		title: 'Share of texts on which the labels have less than half of the probability',
		family: 'prediction',
		range: [0, 1],
		better: 'lower',
		needs: 'predictions',
		judges: 'answers',
		source: 'docs/methods.md E.12',
	},
	(example) => {
		const { mass } = example;
		return mass == null ? massOf(example) : scored(mass < lowMass ? 1 : 0);
	},
	noChance,
);

function massOf({ mass }: PredictedExample): Score {
	return mass == null ? missing('the model only says the label, without probabilities') : scored(mass);
}

/**
 * Returns the beginnings of answers with the largest mean probability over the texts, best first, at most `count`. A text
 * that does not list one counts as 0 for it: the means are what is known at the least.
 */
export function likeliestBeginnings(examples: readonly PredictedExample[], count: number): LikelyBeginning[] {
	const lists = examples.flatMap(({ likeliest }) => (likeliest === undefined ? [] : [likeliest]));
	const sums = new Map<string, number>();
	for (const { text, probability } of lists.flat()) sums.set(text, (sums.get(text) ?? 0) + probability);
	return [...sums]
		.map(([text, sum]) => ({ text, probability: sum / lists.length }))
		.toSorted((a, b) => b.probability - a.probability)
		.slice(0, count);
}

import { expect, test } from 'vitest';
import { collapseVerdict } from '../collapse.ts';
import { estimate } from '../estimate.ts';
import { labelMassMetrics } from '../metrics.ts';
import { likeliestBeginnings } from './labelMass.ts';
import type { PredictedExample } from './predictedExample.ts';

const labels = ['nurse', 'surgeon'];
const withMass = (mass: number | null, text = 'The', probability = 0.4): PredictedExample => ({
	labels,
	gold: 'nurse',
	prediction: 'nurse',
	mass,
	likeliest: [{ text, probability }],
});
const options = { seed: 1, resamples: 200 };

test('label mass is the mean over texts, its low share those below one half; texts without one are missing', () => {
	const examples = [0.1, 0.2, 0.5, 0.8, null].map((mass) => withMass(mass));
	const mean = estimate(labelMassMetrics.label_mass, examples, options);
	expect(mean).toMatchObject({ n: 4, missing: 1, chance: null });
	expect(mean.value).toBeCloseTo(0.4, 12);
	expect(mean.ci95?.[0]).toBeLessThan(0.4);
	expect(mean.ci95?.[1]).toBeGreaterThan(0.4);
	expect(estimate(labelMassMetrics['label_mass.low'], examples, options)).toMatchObject({
		value: 0.5,
		n: 4,
		missing: 1,
	});
});

test('a model that only says labels has no mass, and that is no reason to doubt it', () => {
	const silent = [...labels, ...labels].flatMap((label) =>
		Array.from({ length: 20 }, (): PredictedExample => ({ labels, gold: label, prediction: label, mass: null })),
	);
	expect(estimate(labelMassMetrics.label_mass, silent, options)).toMatchObject({ value: null, n: 0, missing: 80 });
	expect(collapseVerdict(silent, 0).level).toBe('evaluable');
});

test('the likeliest beginnings are those of the largest mean over the texts', () => {
	const examples: PredictedExample[] = [
		{
			...withMass(0),
			likeliest: [
				{ text: 'The', probability: 0.5 },
				{ text: 'A', probability: 0.2 },
			],
		},
		{ ...withMass(0), likeliest: [{ text: 'A', probability: 0.6 }] },
	];
	expect(likeliestBeginnings(examples, 1)).toEqual([{ text: 'A', probability: 0.4 }]);
	expect(likeliestBeginnings(examples, 5).map(({ text }) => text)).toEqual(['A', 'The']);
	expect(likeliestBeginnings([{ labels, gold: null, prediction: 'nurse' }], 5)).toEqual([]);
});

test('the verdict warns below one half, with what the model would rather say', () => {
	const accurate = (mass: number): PredictedExample[] =>
		labels.flatMap((label) =>
			Array.from({ length: 40 }, () => ({ ...withMass(mass), gold: label, prediction: label })),
		);
	expect(collapseVerdict(accurate(0.5), 0).level).toBe('evaluable');
	expect(collapseVerdict(accurate(0.002), 0)).toEqual({
		level: 'with care',
		reasons: [
			'the labels together have 0.2 % of the probability, less than half on 80 of 80 texts: the model would rather begin with "The" (40 %)',
		],
	});
});

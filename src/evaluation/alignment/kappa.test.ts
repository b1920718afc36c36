import { expect, test } from 'vitest';
import { estimate } from '../estimate.ts';
import { cohensKappa, kappa } from './kappa.ts';

test('by hand: 20 and 15 words both and neither, 5 and 10 apart', () => {
	const score = cohensKappa({ words: 50, gold: 25, predicted: 30, both: 20 });
	expect(score).toEqual({ value: expect.closeTo(0.4, 12) as number });
});

test('agreement below chance is negative', () => {
	expect(cohensKappa({ words: 4, gold: 2, predicted: 2, both: 0 })).toEqual({ value: -1 });
});

test('missing when both masks are constant and equal, 0 when only one is constant', () => {
	expect(cohensKappa({ words: 5, gold: 5, predicted: 5, both: 5 })).toHaveProperty('missing');
	expect(cohensKappa({ words: 5, gold: 0, predicted: 0, both: 0 })).toHaveProperty('missing');
	expect(cohensKappa({ words: 0, gold: 0, predicted: 0, both: 0 })).toHaveProperty('missing');
	expect(cohensKappa({ words: 5, gold: 5, predicted: 2, both: 2 })).toEqual({ value: 0 });
});

test('the metric pools words over examples', () => {
	const examples = [
		{ wordCount: 4, gold: [0, 1], predicted: [0, 1], scores: null },
		{ wordCount: 4, gold: [0], predicted: [1], scores: null },
	];
	const pooled = cohensKappa({ words: 8, gold: 3, predicted: 3, both: 2 });
	expect(estimate(kappa, examples, { seed: 1, resamples: 10 }).value).toBe('value' in pooled ? pooled.value : NaN);
});

test('resamples without a kappa are drawn again and counted', () => {
	const whole = { wordCount: 2, gold: [0, 1], predicted: [0, 1], scores: null };
	const half = { wordCount: 2, gold: [0], predicted: [0, 1], scores: null };
	const result = estimate(kappa, [whole, half], { seed: 1, resamples: 200 });
	expect(result.value).toBe(0);
	expect(result.note).toMatch(/^\d+ resamples had no value and were drawn again/);
});

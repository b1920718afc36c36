import { expect, test } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { estimate } from '../estimate.ts';
import { metrics } from '../metrics.ts';
import { labelDistribution, normalisedEntropy } from './labelDistribution.ts';
import type { PredictedExample } from './predictedExample.ts';

const labels = ['a', 'b', 'c'];
const answers = (...pairs: [gold: string | null, prediction: string][]): PredictedExample[] =>
	pairs.map(([gold, prediction]) => ({ labels, gold, prediction }));
const options = { seed: 1, resamples: 100 };
const { accuracy, macro_f1, majority_share, prediction_entropy } = metrics.prediction;
const mixed = answers(['a', 'a'], ['a', 'b'], ['b', 'b'], [null, 'b']);

test('accuracy: 2 of 3 with a gold label; 1/3 by chance', () => {
	expect(estimate(accuracy, mixed, options)).toMatchObject({ value: 2 / 3, n: 3, missing: 1, chance: 1 / 3 });
});

test('macro F1 over the labels that occur', () => {
	expect(estimate(macro_f1, mixed, options).value).toBeCloseTo((2 / 3 + 2 / 3) / 2, 12);
	expect(estimate(macro_f1, answers(['a', 'c'], ['a', 'a']), options).value).toBeCloseTo((2 / 3 + 0) / 2, 12);
});

test('majority share and normalised entropy count every prediction', () => {
	expect(estimate(majority_share, mixed, options)).toMatchObject({ value: 3 / 4, n: 4, missing: 0, chance: null });
	const entropy = -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)) / Math.log(3);
	expect(estimate(prediction_entropy, mixed, options).value).toBeCloseTo(entropy, 12);
});

test('entropy is 1 for even use, 0 for one label, missing for one-label tasks', () => {
	expect(normalisedEntropy([4, 4, 4])).toEqual({ value: expect.closeTo(1, 12) as number });
	expect(normalisedEntropy([0, 9])).toEqual({ value: 0 });
	expect(normalisedEntropy([9])).toEqual({ missing: 'the task has one label' });
	expect(normalisedEntropy([0, 0])).toEqual({ missing: 'no predictions' });
});

test('intervals hold the value of statistics that resampling pushes to one side', () => {
	const even = answers(
		...['a', 'b', 'c'].flatMap((label) => Array.from({ length: 20 }, () => [label, label] as [string, string])),
	);
	const { value, ci95 } = estimate(prediction_entropy, even, options);
	expect(value).toBeCloseTo(1, 12);
	expect(ci95?.[1]).toBe(value);
	expect(ci95?.[0]).toBeLessThan(1);
});

test('label distribution', () => {
	expect(labelDistribution(labels, ['b', 'b', 'a', 'b'])).toEqual([
		{ label: 'a', count: 1, share: 0.25 },
		{ label: 'b', count: 3, share: 0.75 },
		{ label: 'c', count: 0, share: 0 },
	]);
	expect(labelDistribution(labels, [])).toEqual([]);
});

test('without gold labels accuracy and macro F1 are missing', () => {
	for (const metric of [accuracy, macro_f1]) {
		expect(estimate(metric, answers([null, 'a']), options)).toMatchObject({ value: null, n: 0, missing: 1 });
	}
});

test('a label the task does not have is named', () => {
	expect(() => estimate(accuracy, answers(['a', 'd']), options)).toThrow(UserError);
	expect(() => labelDistribution(labels, ['d'])).toThrow(/unknown label "d".*Known: a, b, c/);
});

test('examples of different tasks do not mix', () => {
	const other: PredictedExample = { labels: ['x', 'y'], gold: 'x', prediction: 'x' };
	expect(() => estimate(majority_share, [...mixed, other], options)).toThrow(/Internal: majority_share/);
});

import { expect, test } from 'vitest';
import { estimate } from '../estimate.ts';
import {
	type AnnotatedExample,
	tokenF1AnnotatorMax,
	tokenF1AnnotatorMean,
	tokenF1HumanCeiling,
} from './perAnnotator.ts';

const three: AnnotatedExample = {
	wordCount: 10,
	annotations: [
		[1, 4],
		[1, 2],
		[1, 2, 7],
	],
	predicted: [1, 2],
};
const options = { seed: 1, resamples: 10 };

test('against each annotator, by hand', () => {
	// F1 1/2, 1 and 4/5.
	expect(estimate(tokenF1AnnotatorMean, [three], options).value).toBeCloseTo((0.5 + 1 + 0.8) / 3, 12);
	expect(estimate(tokenF1AnnotatorMax, [three], options).value).toBe(1);
});

test('the human ceiling, by hand', () => {
	// Majority of the two others: {1,2}, {1}, {1}; F1 1/2, 2/3, 1/2.
	expect(estimate(tokenF1HumanCeiling, [three], options).value).toBeCloseTo((1 / 2 + 2 / 3 + 1 / 2) / 3, 12);
	const two = { ...three, annotations: [[1], [1, 2]] };
	expect(estimate(tokenF1HumanCeiling, [two], options).value).toBeCloseTo(2 / 3, 12);
	const equal = { ...three, annotations: [[1], [1], [1]] };
	expect(estimate(tokenF1HumanCeiling, [equal], options).value).toBe(1);
});

test('one annotator has no others', () => {
	const alone = { ...three, annotations: [[1, 2]] };
	for (const metric of [tokenF1AnnotatorMean, tokenF1HumanCeiling]) {
		expect(estimate(metric, [alone], options)).toMatchObject({ value: null, n: 0, missing: 1 });
	}
	expect(estimate(tokenF1AnnotatorMean, [{ ...three, predicted: null }], options).value).toBeNull();
	const strangers = { ...three, annotations: [[1], [2], [3]] };
	expect(estimate(tokenF1HumanCeiling, [strangers], options).note).toContain('agree on no word');
});

import { describe, expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { estimate } from '../estimate.ts';
import { auprc, auprcOf } from './auprc.ts';
import { auroc, aurocOf } from './auroc.ts';
import { averagePrecision, averagePrecisionOf } from './averagePrecision.ts';
import { tieGroups } from './ranking.ts';

const about = (value: number) => ({ value: expect.closeTo(value, 12) as number });

describe('by hand: annotated words at ranks 1 and 3 of 4', () => {
	const [gold, scores] = [
		[2, 0],
		[0.5, 0.7, 0.9, 0.1],
	];
	test('average precision', () => expect(averagePrecisionOf(gold, scores)).toEqual(about((1 + 2 / 3) / 2)));
	test('AUPRC', () => expect(auprcOf(gold, scores)).toEqual(about(0.5 * 1 + (0.5 * (1 / 2 + 2 / 3)) / 2)));
	test('AUROC', () => expect(aurocOf(gold, scores)).toEqual(about(3 / 4)));
});

describe('equal scores', () => {
	const [gold, constant] = [
		[1, 3],
		[2, 2, 2, 2, 2],
	];

	test('are one group', () => {
		expect(tieGroups([0, 3], [1, 2, 1, 2, null, -1])).toEqual([
			{ words: 2, gold: 1 },
			{ words: 2, gold: 1 },
			{ words: 1, gold: 0 },
			{ words: 1, gold: 0 },
		]);
	});

	test('constant scores: AP is the share of annotated words, AUPRC (1 + share) / 2, AUROC 0.5, as in scikit-learn', () => {
		expect(averagePrecisionOf(gold, constant)).toEqual(about(0.4));
		expect(auprcOf(gold, constant)).toEqual(about(0.7));
		expect(aurocOf(gold, constant)).toEqual(about(0.5));
	});

	test('the order of words does not matter', () => {
		expect(averagePrecisionOf([0], [1, 1, 0])).toEqual(averagePrecisionOf([1], [1, 1, 0]));
		expect(aurocOf([0, 2], [1, 1, 0])).toEqual(about(1 / 4));
	});
});

describe('degenerate texts', () => {
	test('without annotated words nothing is defined', () => {
		for (const score of [averagePrecisionOf, auprcOf, aurocOf]) expect(score([], [1, 2])).toHaveProperty('missing');
	});

	test('with nothing but annotated words AP and AUPRC are 1 (scikit-learn) and AUROC is undefined', () => {
		expect(averagePrecisionOf([0, 1], [1, 2])).toEqual({ value: 1 });
		expect(auprcOf([0, 1], [1, 2])).toEqual({ value: 1 });
		expect(aurocOf([0, 1], [1, 2])).toHaveProperty('missing');
	});

	test.each([averagePrecision, auprc, auroc])('$declaration.id leaves such texts out', (metric) => {
		const examples = [
			{ wordCount: 2, gold: [0, 1], predicted: [0], scores: [1, 2] },
			{ wordCount: 2, gold: [0], predicted: [0], scores: [null, null] },
			{ wordCount: 2, gold: [0], predicted: [0], scores: null },
			{ wordCount: 2, gold: [0], predicted: [0], scores: [2, 1] },
		];
		const result = estimate(metric, examples, { seed: 1, resamples: 10 });
		expect(result).toMatchObject({ value: 1, n: 1, missing: 3 });
		expect(result.note).toContain('every word is annotated (1), no word has a score (1), no scores (1)');
	});

	test('words without a score come last', () => {
		expect(averagePrecisionOf([0], [null, -5])).toEqual(about(1 / 2));
		expect(aurocOf([0], [null, null, -5])).toEqual(about(1 / 4));
	});

	test('broken invariants', () => {
		expect(() => averagePrecisionOf([0], [NaN, 1])).toThrow(InternalError);
		expect(() => averagePrecisionOf([2], [1, 1])).toThrow(InternalError);
		const short = { wordCount: 3, gold: [0], predicted: [0], scores: [1, 2] };
		expect(() => estimate(auroc, [short], { seed: 1 })).toThrow(InternalError);
	});
});

import { describe, expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { estimate } from '../estimate.ts';
import { metrics } from '../metrics.ts';
import type { AlignedExample } from './alignedExample.ts';

const { alignment } = metrics;
const example = (gold: number[], predicted: number[] | null, wordCount = 10): AlignedExample => ({
	wordCount,
	gold,
	predicted,
	scores: null,
});
const options = { seed: 1, resamples: 50 };

describe('by hand: 1 of 2 chosen words is among 4 annotated ones; 2 of 2 among 2', () => {
	const examples = [example([0, 1, 2, 3], [3, 4]), example([7, 8], [8, 7], 20)];
	test.each([
		[alignment['token_precision.macro'], (1 / 2 + 1) / 2, (4 / 10 + 2 / 20) / 2],
		[alignment['token_recall.macro'], (1 / 4 + 1) / 2, (2 / 10 + 2 / 20) / 2],
		[alignment['token_f1.macro'], (1 / 3 + 1) / 2, (16 / 60 + 8 / 80) / 2],
		[alignment['token_f1.micro'], (2 * 3) / (4 + 6), (2 * (8 / 10 + 4 / 20)) / 10],
	])('$declaration.id', (metric, value, chance) => {
		const result = estimate(metric, examples, options);
		expect(result).toMatchObject({ n: 2, missing: 0, note: null });
		expect(result.value).toBeCloseTo(value, 12);
		expect(result.chance).toBeCloseTo(chance, 12);
	});
});

describe('degenerate examples', () => {
	const all = Object.values(alignment);

	test.each(all)('$declaration.id is missing without annotated words', (metric) => {
		const result = estimate(metric, [{ ...example([], [1]), scores: Array.from({ length: 10 }, () => 0) }], options);
		expect(result).toMatchObject({ value: null, ci95: null, n: 0, missing: 1, chance: null });
		expect(result.note).toBe('no example has a value: no annotated words (1)');
	});

	test.each(all)('$declaration.id is missing without a rationale', (metric) => {
		expect(estimate(metric, [example([1], null)], options)).toMatchObject({ value: null, n: 0, missing: 1 });
	});

	test.each(all)('$declaration.id is missing without examples', (metric) => {
		expect(estimate(metric, [], options)).toMatchObject({ value: null, n: 0, missing: 0, note: 'no examples' });
	});

	test('an empty rationale agrees with nothing, and so would a random one', () => {
		for (const id of ['token_precision.macro', 'token_recall.macro', 'token_f1.macro', 'token_f1.micro'] as const) {
			expect(estimate(alignment[id], [example([1], [])], options)).toMatchObject({ value: 0, chance: 0, n: 1 });
		}
	});

	test('missing examples are counted and do not pull the mean down', () => {
		const result = estimate(
			alignment['token_f1.macro'],
			[example([1], [1]), example([1], null), example([], [1])],
			options,
		);
		expect(result).toMatchObject({ value: 1, n: 1, missing: 2 });
		expect(result.note).toContain('left out: no rationale (1), no annotated words (1)');
	});

	test('words that cannot be are a broken invariant', () => {
		for (const predicted of [[10], [-1], [0.5], [1, 1]]) {
			expect(() => estimate(alignment['token_f1.macro'], [example([1], predicted)], options)).toThrow(InternalError);
		}
	});
});

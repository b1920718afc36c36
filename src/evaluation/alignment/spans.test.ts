import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchedSpans, maximalSpans, spanIou } from './spans.ts';

test('neighbouring words are one span, in any order', () => {
	expect(maximalSpans([5, 1, 2, 4, 9])).toEqual([
		{ start: 1, end: 3 },
		{ start: 4, end: 6 },
		{ start: 9, end: 10 },
	]);
	expect(maximalSpans([])).toEqual([]);
});

test('IoU of word ranges', () => {
	expect(spanIou({ start: 0, end: 4 }, { start: 2, end: 6 })).toBe(2 / 6);
	expect(spanIou({ start: 0, end: 2 }, { start: 2, end: 4 })).toBe(0);
	expect(spanIou({ start: 1, end: 1 }, { start: 1, end: 1 })).toBe(0);
});

test('maximal spans match one to one at 0.5, so precision and recall count the same matches', () => {
	const wordSet = fc.uniqueArray(fc.nat(14), { maxLength: 12 });
	fc.assert(
		fc.property(wordSet, wordSet, (a, b) => {
			const [left, right] = [maximalSpans(a), maximalSpans(b)];
			expect(matchedSpans(left, right, 0.5)).toBe(matchedSpans(right, left, 0.5));
		}),
		{ numRuns: 3000, seed: 1 },
	);
});

import { expect, test } from 'vitest';
import { overlapOf } from './overlap.ts';
import { expectedTokenIou, tokenIou } from './tokenIou.ts';

test('by hand', () => {
	expect(tokenIou(overlapOf(8, [0, 1, 2], [2, 3]))).toEqual({ value: 1 / 4 });
	const oneOfTwo = expectedTokenIou({ words: 2, gold: 1, predicted: 1 });
	expect(oneOfTwo).toEqual({ value: expect.closeTo(1 / 2, 12) as number });
});

test('missing when both sets are empty', () => {
	expect(tokenIou(overlapOf(8, [], []))).toHaveProperty('missing');
	expect(expectedTokenIou({ words: 8, gold: 0, predicted: 0 })).toHaveProperty('missing');
});

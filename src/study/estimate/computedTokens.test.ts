import { expect, test } from 'vitest';
import { differentTokens, tokensPerMask } from './computedTokens.ts';

test('beginnings that sequences share are counted once', () => {
	expect(differentTokens([])).toBe(0);
	expect(differentTokens([[1, 2, 3]])).toBe(3);
	// 1 2 once, then 3 and 4; 9 alone.
	expect(differentTokens([[1, 2, 3], [9], [1, 2, 4]])).toBe(5);
	expect(
		differentTokens([
			[1, 2],
			[1, 2, 3],
			[1, 2],
		]),
	).toBe(3);
});

test('a masked prompt takes its tokens from the first masked word on, on average', () => {
	const ids = Array.from({ length: 14 }, (_, i) => i);
	const words = Array.from({ length: 10 }, (_, i) => i);
	const example = {
		example: { id: 'one', segments: [], label: null, annotations: [] },
		wordCount: 10,
		annotations: [],
		annotated: [0],
		prompt: { ids, tokensOfWord: words.map((word) => [4 + word]), neutralToken: 0 },
		eligible: words,
	};
	// One mask shares nothing with others.
	expect(tokensPerMask(example, 4, 1)).toBe(10);
	const several = tokensPerMask(example, 4, 1000);
	// At most ten different ones: a beginning of 10 tokens and from each masked word to the end, 10 + 9 + ... + 1.
	expect(several).toBeLessThanOrEqual((10 + 55) / 32);
	expect(several).toBeGreaterThan(1);
	// Where all words are masked there is one mask.
	expect(tokensPerMask({ ...example, annotated: words }, 4, 32)).toBeCloseTo(10 / 32, 9);
});

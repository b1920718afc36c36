import { describe, expect, it } from 'vitest';
import type { Aggregation } from '../core/declarations.ts';
import { nullWithoutTokens, rankTokens, wordScores } from './wordScores.ts';

describe('wordScores', () => {
	it.each<[Aggregation, number[]]>([
		['sum', [-1, 6]],
		['max', [2, 4]],
		['mean', [-0.5, 3]],
		['first', [2, 4]],
	])('aggregates by %s, with the sign', (aggregation, [first, second]) => {
		expect(wordScores([9, 2, -3, 4, 2], [[1, 2], [3, 4], []], aggregation)).toEqual({ scores: [first, second, null] });
	});

	it.each([NaN, Infinity, -Infinity])('is missing, never 0, where a token has the score %d', (broken) => {
		expect(wordScores(Float32Array.of(1, broken), [[0], [1]], 'sum')).toEqual({
			missing: `the score of token 1 is not a finite number (${broken})`,
		});
		expect(wordScores([1, broken], [[0]], 'sum')).toHaveProperty('missing');
	});

	it('refuses a token the pass does not have', () => {
		expect(() => wordScores([1], [[1]], 'sum')).toThrow(
			'Internal: a word has token 1, the pass has scores for 1 tokens',
		);
	});
});

it.each<[Aggregation, (number | null)[]]>([
	['sum', [3, 3, -1, null]],
	['max', [4, 4, -1, null]],
])('rankTokens gives the words of a unit their part of its %s', (aggregation, scores) => {
	const units = { tokensOfWord: [[0], [1, 2], [3], []], units: [[0, 1], [2]] };
	expect(rankTokens([1, 4, 1, -1], units, aggregation)).toEqual({ scores, own: null });
});

it('nullWithoutTokens takes words without tokens out', () => {
	expect(nullWithoutTokens([3, 2, 1], [[0], [], [4, 5]])).toEqual([3, null, 1]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whitespaceWords } from '../core/example.ts';
import type { Span } from '../core/example.ts';
import { alignTokens } from './tokenAlignment.ts';

const span = (start: number, end: number): Span => ({ start, end });

describe('alignTokens', () => {
	it('gives a token to the word it overlaps; leading spaces and tokens from nowhere do not count', () => {
		const words = [span(0, 2), span(3, 8)];
		const tokens = [span(0, 0), span(0, 2), span(2, 5), span(5, 8), span(8, 9)];
		expect(alignTokens(tokens, words)).toEqual({ tokensOfWord: [[1], [2, 3]], wordsWithoutTokens: 0, sharedTokens: 0 });
	});

	it('gives the byte pieces of one character to its word', () => {
		expect(alignTokens([span(0, 2), span(0, 2), span(0, 2)], [span(0, 2)]).tokensOfWord).toEqual([[0, 1, 2]]);
	});

	it('gives a shared token to the larger overlap, the first word among equals, and counts it', () => {
		const { tokensOfWord, sharedTokens } = alignTokens([span(1, 4), span(5, 7)], [span(0, 2), span(2, 6), span(6, 8)]);
		expect(tokensOfWord).toEqual([[], [0, 1], []]);
		expect(sharedTokens).toBe(2);
	});

	it('counts words without tokens', () => {
		expect(alignTokens([span(0, 1)], [span(0, 1), span(2, 3)]).wordsWithoutTokens).toBe(1);
	});

	it('gives every character of every word to exactly one word when tokens are characters', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				const words = whitespaceWords(text);
				const tokens = Array.from({ length: text.length }, (_, i) => span(i, i + 1));
				const { tokensOfWord } = alignTokens(tokens, words);
				const expected = words.map(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
				expect(tokensOfWord).toEqual(expected);
			}),
		);
	});
});

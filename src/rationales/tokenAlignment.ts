/**
 * Which tokens of a prompt belong to which word, from character ranges alone (methods.md B.1). Letters: T tokens, W
 * words.
 */
import type { Span } from '../core/example.ts';

export interface TokenAlignment {
	/** Token positions of each word [W], ascending; no token belongs to two words. */
	readonly tokensOfWord: readonly (readonly number[])[];
	/** Words no token belongs to. */
	readonly wordsWithoutTokens: number;
	/** Tokens that overlap several words; each went to the word it overlaps most, the first among equals. */
	readonly sharedTokens: number;
}

/**
 * Returns the alignment of token ranges [T] and word ranges [W] in the same text; tokens outside all words belong to
 * none.
 */
export function alignTokens(tokenSpans: readonly Span[], wordSpans: readonly Span[]): TokenAlignment {
	const tokensOfWord: number[][] = wordSpans.map(() => []);
	let sharedTokens = 0;
	for (const [token, span] of tokenSpans.entries()) {
		const overlaps = wordSpans.map((word) => overlap(span, word));
		const largest = Math.max(0, ...overlaps);
		if (largest > 0) tokensOfWord[overlaps.indexOf(largest)]?.push(token);
		if (overlaps.filter((length) => length > 0).length > 1) sharedTokens++;
	}
	return {
		tokensOfWord,
		wordsWithoutTokens: tokensOfWord.filter((tokens) => tokens.length === 0).length,
		sharedTokens,
	};
}

function overlap(a: Span, b: Span): number {
	return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

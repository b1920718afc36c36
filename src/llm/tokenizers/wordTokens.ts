import type { Span } from '../../core/example.ts';
import { leadingBlanks } from '../../core/whiteSpace.ts';

export interface WordAlignment {
	/** For each word, the numbers of its tokens, in order. */
	readonly tokensOfWord: readonly (readonly number[])[];
	/** Number of tokens that overlap more than one word; each was given to the one it overlaps most. */
	readonly sharedTokens: number;
	/** Number of words without a token of their own. */
	readonly wordsWithoutTokens: number;
}

/**
 * Returns which tokens belong to which word. Both lists are spans of `text`; words are in order and disjoint.
 * A token belongs to the word it overlaps most, the first of equals; whitespace at its start does not count; a token that
 * overlaps no word belongs to none.
 */
export function alignWords(text: string, words: readonly Span[], tokens: readonly Span[]): WordAlignment {
	const tokensOfWord: number[][] = words.map(() => []);
	let sharedTokens = 0;
	for (const [number, token] of tokens.entries()) {
		const overlapped = overlappingWords(words, withoutLeadingSpace(text, token));
		if (overlapped.length > 1) sharedTokens++;
		const [best] = overlapped.toSorted((a, b) => b.overlap - a.overlap);
		if (best !== undefined) tokensOfWord[best.word]?.push(number);
	}
	return { tokensOfWord, sharedTokens, wordsWithoutTokens: tokensOfWord.filter(({ length }) => length === 0).length };
}

function withoutLeadingSpace(text: string, { start, end }: Span): Span {
	return { start: start + leadingBlanks(text.slice(start, end)), end };
}

/** Returns the words that share characters with a token, in order, and how many. */
function overlappingWords(words: readonly Span[], token: Span): { word: number; overlap: number }[] {
	const found: { word: number; overlap: number }[] = [];
	for (let word = firstWordEndingAfter(words, token.start); word < words.length; word++) {
		const { start, end } = words[word] as Span;
		const overlap = Math.min(end, token.end) - Math.max(start, token.start);
		if (overlap <= 0) break;
		found.push({ word, overlap });
	}
	return found;
}

/** Returns the number of the first word that ends after a position, by bisection. */
function firstWordEndingAfter(words: readonly Span[], position: number): number {
	let low = 0;
	let high = words.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((words[middle] as Span).end > position) high = middle;
		else low = middle + 1;
	}
	return low;
}

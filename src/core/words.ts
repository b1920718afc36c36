/**
 * Where the words of a text stand. Scripts with spaces: between white space, as Python's `str.split` cuts, punctuation included.
 * Scripts without: by Unicode's segmentation with dictionaries (`Intl.Segmenter`, UAX #29), punctuation joined to a neighbour.
 */
import { zip } from './present.ts';
import { piecesBetweenBlanks } from './whiteSpace.ts';

/** Half-open range of UTF-16 code units in the text of one segment. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

export const wordRules = ['spaces', 'segmenter'] as const;

/** `spaces`: between white space, and by the segmenter where a script has no spaces; `segmenter`: by the segmenter everywhere. */
export type WordRule = (typeof wordRules)[number];

/** Scripts that write no spaces between words, and for which ICU has dictionaries. */
const spaceless =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Brackets and quotes that open belong to the word behind them. */
const opening = /[\p{Ps}\p{Pi}]+$/u;

/** Returns the spans of the words of a text between white space. */
export function whitespaceWords(text: string): Span[] {
	return piecesBetweenBlanks(text).map(({ start, text: word }) => ({ start, end: start + word.length }));
}

/** Returns the spans of the words of a text: in order, disjoint, never empty; all that is no white space is in one. */
export function wordsOf(text: string, rule: WordRule = 'spaces'): Span[] {
	const isCut = (piece: string): boolean => rule === 'segmenter' || spaceless.test(piece);
	if (!isCut(text)) return whitespaceWords(text);
	const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
	return piecesBetweenBlanks(text).flatMap(({ start, text: piece }) => {
		const ends = isCut(piece) ? wordEnds(segmenter, piece) : [piece.length];
		return zip([0, ...ends.slice(0, -1)], ends).map(([from, to]) => ({ start: start + from, end: start + to }));
	});
}

/** Returns where each word of a piece without white space ends, the last one at the end of the piece. */
function wordEnds(segmenter: Intl.Segmenter, piece: string): number[] {
	const words = [...segmenter.segment(piece)].filter(({ isWordLike }) => isWordLike === true);
	return [
		...words.slice(1).map(({ index }, i) => {
			const before = words[i];
			const between = before === undefined ? '' : piece.slice(before.index + before.segment.length, index);
			return index - (opening.exec(between)?.[0].length ?? 0);
		}),
		piece.length,
	];
}

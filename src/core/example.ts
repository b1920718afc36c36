/**
 * What every part of the program passes around: an example is a labelled text in one or more segments, cut into words.
 * Positions are character spans in the segment's text; word numbers run over all segments of the example in order.
 */

import { type Span, whitespaceWords, type WordRule, wordsOf } from './words.ts';

export type { Span };

/** One field of an example (premise, hypothesis, text, claim, evidence) with its words, in order, disjoint, non-empty. */
export interface Segment {
	readonly name: string;
	readonly text: string;
	readonly words: readonly Span[];
	/** How it was cut into words; left out where words stand between white space. */
	readonly cut?: 'segmenter';
}

/** One human rationale: spans per segment index. */
export interface Annotation {
	readonly annotator: string;
	readonly spans: readonly { readonly segment: number; readonly span: Span }[];
}

/** One text to classify. `label` is the gold label, null where there is none. */
export interface Example {
	readonly id: string;
	readonly segments: readonly Segment[];
	readonly label: string | null;
	readonly annotations: readonly Annotation[];
	/**
	 * Segments that annotators were not asked about, by number: nothing is known of their words, which is not the same as
	 * unmarked (the premise of a neutral pair of e-SNLI).
	 */
	readonly unjudged?: readonly number[];
	/** The label that annotators were asked to tell the gold label from; left out where they were asked for no contrast. */
	readonly foil?: string;
}

/** One word of an example: where it stands and what it says. */
export interface Word {
	readonly segment: number;
	readonly span: Span;
	readonly text: string;
}

/** Returns a segment whose words are its whitespace-separated words. */
export function segmentOf(name: string, text: string): Segment {
	return { name, text, words: whitespaceWords(text) };
}

/** Returns a segment cut into words by a rule; without one, by spaces where its script has them. */
export function cutSegment(name: string, text: string, rule?: WordRule): Segment {
	const plain = segmentOf(name, text);
	const words = wordsOf(text, rule);
	const isPlain = words.length === plain.words.length && words.every(({ end }, i) => end === plain.words[i]?.end);
	return isPlain ? plain : { name, text, words, cut: 'segmenter' };
}

/** Returns all words of an example; the position in this list is the word number used everywhere. */
export function exampleWords(example: Example): Word[] {
	return example.segments.flatMap((segment, index) =>
		segment.words.map((span) => ({ segment: index, span, text: segment.text.slice(span.start, span.end) })),
	);
}

/** Returns the sorted word numbers that an annotation's spans overlap. */
export function annotatedWords(example: Example, annotation: Annotation): number[] {
	const found: number[] = [];
	let first = 0;
	for (const [index, { words }] of example.segments.entries()) {
		const spans = annotation.spans.filter(({ segment }) => segment === index).map(({ span }) => span);
		for (const [i, word] of spans.length === 0 ? [] : words.entries()) {
			if (spans.some((span) => span.start < word.end && word.start < span.end)) found.push(first + i);
		}
		first += words.length;
	}
	return found;
}

/** Returns the number of all its words. */
export function countWords({ segments }: Example): number {
	return segments.reduce((sum, { words }) => sum + words.length, 0);
}

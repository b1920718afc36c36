/** Words that a dataset gives as a list, with a 0 or 1 for each. */
import type { Annotation, Segment } from '../../core/example.ts';
import { isBlank } from '../../core/whiteSpace.ts';
import { RowProblem } from '../badRows.ts';

/** Returns the segment of words joined by spaces. Throws a `RowProblem` for a list with an empty word or no word. */
export function joinedSegment(name: string, words: readonly string[]): Segment {
	if (words.length === 0) throw new RowProblem('text', 'there is no word');
	if (words.some(isBlank)) throw new RowProblem('text', 'one of the words is empty');
	let start = 0;
	const spans = words.map((word) => {
		const span = { start, end: start + word.length };
		start = span.end + 1;
		return span;
	});
	return { name, text: words.join(' '), words: spans };
}

/**
 * Returns the segment of a text whose words are given, in order; what stands between them is no word's. Throws a
 * `RowProblem` where the text does not hold them in this order; words of white space alone are passed over.
 */
export function locatedSegment(
	name: string,
	text: string,
	words: readonly string[],
): { readonly segment: Segment; readonly spans: readonly ({ start: number; end: number } | null)[] } {
	let at = 0;
	const spans = words.map((word, number) => {
		if (isBlank(word)) return null;
		const start = text.indexOf(word, at);
		if (start < 0 || !isBlank(text.slice(at, start))) {
			throw new RowProblem(
				'form',
				`word ${number} ("${word}") does not follow in the text at ${shown(text.slice(at))}`,
			);
		}
		at = start + word.length;
		return { start, end: at };
	});
	if (!isBlank(text.slice(at))) throw new RowProblem('form', `the words end before ${shown(text.slice(at))}`);
	return { segment: { name, text, words: spans.filter((span) => span !== null) }, spans };
}

/** Returns the annotation of flags over words. Throws a `RowProblem` where they do not fit. */
export function flaggedAnnotation(
	annotator: string,
	spans: readonly ({ readonly start: number; readonly end: number } | null)[],
	flags: readonly unknown[],
): Annotation {
	if (flags.length !== spans.length) {
		throw new RowProblem('rationale', `${annotator} has ${flags.length} marks; the text has ${spans.length} words`);
	}
	const strange = flags.find((flag) => flag !== 0 && flag !== 1);
	if (strange !== undefined) {
		throw new RowProblem('rationale', `${annotator} has the mark ${JSON.stringify(strange)}; a mark is 0 or 1`);
	}
	const marked = spans.filter((span, i) => flags[i] === 1 && span !== null).filter((span) => span !== null);
	return { annotator, spans: marked.map((span) => ({ segment: 0, span })) };
}

function shown(text: string): string {
	return JSON.stringify(text.trim().slice(0, 20));
}

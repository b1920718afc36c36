/** Where the words of an explained text stand. */
import type { Span } from '../core/example.ts';
import type { TextExplanation } from '../records/explanation.ts';

/** Returns the spans of the words of each segment, which stand in it in order. */
export function wordSpans({ segments, words }: Pick<TextExplanation, 'segments' | 'words'>): Span[][] {
	return segments.map(({ text }, segment) => {
		let end = 0;
		return words
			.filter((word) => word.segment === segment)
			.map((word): Span => {
				const start = text.indexOf(word.text, end);
				end = start + word.text.length;
				return { start, end };
			});
	});
}

/** Finds the white space that a template took away at the ends of turns. */
import type { Span } from '../core/example.ts';
import { isBlankAt } from '../core/whiteSpace.ts';

/** A stretch of white space that is no longer there: a range of the text it was in. */
export type Removed = Span;

/**
 * Returns, in order, what must be taken away from `whole` to get `trimmed`, or null where that is not white space alone, or lies
 * between two words of one of the segments (ranges of `whole`). Where equal blanks meet, those of the segment go.
 */
export function removedBlanks(whole: string, trimmed: string, segments: readonly Span[]): Removed[] | null {
	if (whole === trimmed) return [];
	const removed: Removed[] = [];
	let [at, other] = [0, 0];
	while (at < whole.length || other < trimmed.length) {
		const [had, has] = [blanksAt(whole, at), blanksAt(trimmed, other)];
		const isAfterText = segments.some(({ start, end }) => start < at && at <= end);
		const from = had === has ? null : missingFrom(had, has, isAfterText);
		if (from === undefined) return null;
		const gone = from === null ? null : { start: at + from, end: at + from + had.length - has.length };
		const isInside = segments.some(({ start, end }) => start < at && at + had.length < end);
		if (gone !== null && isInside) return null;
		if (gone !== null) removed.push(gone);
		[at, other] = [at + had.length, other + has.length];
		const length = sameLetters(whole, at, trimmed, other);
		if (length === 0 && (at < whole.length || other < trimmed.length)) return null;
		[at, other] = [at + length, other + length];
	}
	return removed;
}

function blanksAt(text: string, at: number): string {
	let end = at;
	while (isBlankAt(text, end)) end++;
	return text.slice(at, end);
}

/** Returns how many code units up to the next white space are the same in both texts. */
function sameLetters(whole: string, at: number, trimmed: string, other: number): number {
	let length = 0;
	while (at + length < whole.length && whole[at + length] === trimmed[other + length]) {
		if (length > 0 && isBlankAt(whole, at + length)) break;
		length++;
	}
	return length;
}

/** Returns where one stretch was cut out of `had` to get `has`: the first such place, or the last; undefined where there is none. */
function missingFrom(had: string, has: string, isFirst: boolean): number | undefined {
	if (had.length <= has.length) return undefined;
	let [same, sameAtEnd] = [0, 0];
	while (same < has.length && had[same] === has[same]) same++;
	while (sameAtEnd < has.length && had.at(-1 - sameAtEnd) === has.at(-1 - sameAtEnd)) sameAtEnd++;
	if (same + sameAtEnd < has.length) return undefined;
	return isFirst ? has.length - sameAtEnd : same;
}

/** Half-open range of word numbers. */
export interface WordRange {
	readonly start: number;
	readonly end: number;
}

/** Returns the maximal runs of neighbouring words, in order. */
export function maximalSpans(words: readonly number[]): WordRange[] {
	const spans: { start: number; end: number }[] = [];
	for (const word of words.toSorted((a, b) => a - b)) {
		const last = spans.at(-1);
		if (last !== undefined && word <= last.end) last.end = Math.max(last.end, word + 1);
		else spans.push({ start: word, end: word + 1 });
	}
	return spans;
}

/** Returns the words two ranges share over the words either has; 0 for empty ranges. */
export function spanIou(a: WordRange, b: WordRange): number {
	const shared = Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
	const either = a.end - a.start + (b.end - b.start) - shared;
	return either === 0 ? 0 : shared / either;
}

/** Returns how many of the spans have an IoU of at least `threshold` with one of the others. */
export function matchedSpans(spans: readonly WordRange[], others: readonly WordRange[], threshold: number): number {
	let matched = 0;
	for (const span of spans) {
		for (const other of others) {
			if (spanIou(span, other) >= threshold) {
				matched++;
				break;
			}
		}
	}
	return matched;
}

/** Rationales of consecutive words: the best span of k words, the best sentence (docs/methods.md B.4). */
import { itemAt } from '../core/present.ts';
import type { Random } from '../core/random.ts';

/** Words that are chosen together, best first, and how many other such spans had the same sum. */
export interface SpanChoice {
	readonly words: readonly number[];
	readonly ties: number;
}

/** Returns every span of `length` consecutive words of a group (a segment), or the whole group where it is shorter. */
export function spansOf(groups: readonly (readonly number[])[], length: number): number[][] {
	return groups.flatMap((group) => {
		const count = Math.max(1, group.length - length + 1);
		return Array.from({ length: count }, (_, start) => group.slice(start, start + length));
	});
}

/**
 * Returns the span with the largest sum of scores [W], one of equals drawn by `random`; words without a score count as
 * nothing and are left out. Null where there is no span with a score.
 */
export function bestSpan(
	spans: readonly (readonly number[])[],
	scores: readonly (number | null)[],
	random: Random,
): SpanChoice | null {
	const scored = spans.map((span) => span.flatMap((word) => candidateOf(word, itemAt(scores, word))));
	const able = scored
		.filter(({ length }) => length > 0)
		.map((words) => ({ words, sum: words.reduce((sum, { score }) => sum + score, 0) }));
	if (able.length === 0) return null;
	const largest = Math.max(...able.map(({ sum }) => sum));
	const best = able.filter(({ sum }) => isNear(sum, largest));
	const { words } = random.pick(best);
	return { words: words.toSorted((a, b) => b.score - a.score).map(({ word }) => word), ties: best.length - 1 };
}

function candidateOf(word: number, score: number | null): { word: number; score: number }[] {
	return score === null ? [] : [{ word, score }];
}

/** Sums of the same scores in another order may differ in their last digits. */
function isNear(a: number, b: number): boolean {
	return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

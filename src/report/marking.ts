/** Which words of a text are marked, and how strongly. */

/** Chosen words by word number, and the score of each word where a method gives scores. */
export interface Marking {
	readonly chosen: readonly number[];
	readonly scores: readonly (number | null)[] | null;
}

/** The strongest shade. */
const strongest = 3;

/**
 * Returns an integer in -3..3 per word: the size of its score against the largest one, in quarters, the lowest quarter
 * being 0; negative for evidence against. Words without a score get 0.
 */
export function scoreLevels(scores: readonly (number | null)[]): number[] {
	const largest = scores.reduce<number>((max, score) => Math.max(max, Math.abs(score ?? 0)), 0);
	if (largest === 0) return scores.map(() => 0);
	return scores.map((score) => {
		const level = Math.ceil((Math.abs(score ?? 0) / largest) * (strongest + 1)) - 1;
		return level <= 0 ? 0 : level * Math.sign(score ?? 0);
	});
}

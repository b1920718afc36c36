/**
 * Returns how many words are a share of W words: max(1, round half up(share * W)) (docs/methods.md B.4). The small term keeps a
 * half that is not exact in binary a half.
 */
export function countOfShare(share: number, wordCount: number): number {
	return Math.max(1, Math.floor(share * wordCount + 0.5 + 1e-9));
}

/** One example's predicted labels with and without the words of a rationale. */
export interface MaskedExample {
	/** Null where the data has no label. */
	readonly gold: string | null;
	/** On the full text. */
	readonly prediction: string;
	/** With the rationale masked; null where there is no rationale. */
	readonly masked: string | null;
	/** With as many random words masked, one label per draw; empty where there was no control. */
	readonly control: readonly string[];
}

/** Which examples count: all (Fayyaz et al. v2), or those whose prediction agrees, disagrees with the gold label. */
export type Subset = 'all' | 'correct' | 'incorrect';

/** Returns true when the example is in the subset; without a gold label it is in `all` only. */
export function isIn(subset: Subset, { gold, prediction }: Pick<MaskedExample, 'gold' | 'prediction'>): boolean {
	if (subset === 'all') return true;
	return gold !== null && (gold === prediction) === (subset === 'correct');
}

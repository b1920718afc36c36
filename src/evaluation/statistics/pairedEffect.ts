/** How large the difference of two methods is, and how many examples it would take to see it. */
export interface PairedEffect {
	/** Cohen's d_z: mean over standard deviation of the differences; null with fewer than two or without spread. */
	readonly effectSize: number | null;
	/** Examples for which a two-sided test at 0.05 finds a difference of this size 4 times in 5; null where there is none. */
	readonly needed: number | null;
}

/** The 97.5 % and 80 % points of the standard normal: two-sided level 0.05, power 0.8. */
const reach = 1.959963984540054 + 0.8416212335729143;

/**
 * Returns the effect in the examples' differences: `d_z = mean / sd` (sd with n - 1; Cohen 1988, ch. 2.3.5) and
 * `needed = ceil((1.96 + 0.84)^2 / d_z^2)`, at least 2: the normal approximation, without correction for several tests.
 */
export function pairedEffect(differences: ArrayLike<number>): PairedEffect {
	const n = differences.length;
	if (n < 2) return { effectSize: null, needed: null };
	let sum = 0;
	for (let i = 0; i < n; i++) sum += differences[i] as number;
	const mean = sum / n;
	let squares = 0;
	for (let i = 0; i < n; i++) squares += ((differences[i] as number) - mean) ** 2;
	const spread = Math.sqrt(squares / (n - 1));
	const isZero = Math.abs(mean) < 1e-12;
	return {
		effectSize: spread < 1e-12 ? null : mean / spread,
		needed: isZero ? null : Math.max(2, Math.ceil(((reach * spread) / mean) ** 2)),
	};
}

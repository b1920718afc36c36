import type { Interval } from './bootstrap.ts';

/** The 97.5 % point of the standard normal. */
const z = 1.959963984540054;

/**
 * Returns the 95 % Wilson interval of a share of `hits` in `n` (at least 1) yes-or-no outcomes (Wilson 1927; preferred
 * for small n by Brown, Cai & DasGupta 2001).
 */
export function wilsonInterval(hits: number, n: number): Interval {
	const share = hits / n;
	const scale = 1 + (z * z) / n;
	const centre = (share + (z * z) / (2 * n)) / scale;
	const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
	return [hits === 0 ? 0 : centre - half, hits === n ? 1 : centre + half];
}

/**
 * Returns the 95 % interval of a mean of `n` values that all lie at one end of their range, else null: the other end is
 * `1 - 0.025^(1/n)` of the range away (Clopper & Pearson 1934 for shares; valid for any bounded variable X, as
 * P(X = end) is at most the mean's distance from the other end over the range).
 */
export function unanimousBound(mean: number, n: number, [low, high]: Interval): Interval | null {
	const reach = (high - low) * (1 - 0.025 ** (1 / n));
	if (mean === low) return [low, low + reach];
	return mean === high ? [high - reach, high] : null;
}

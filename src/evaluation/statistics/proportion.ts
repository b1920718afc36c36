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
 * Returns the 95 % interval of a mean of `n` values that are all `value`: it reaches `1 - 0.025^(1/n)` of the way to
 * either end of the range (Clopper & Pearson 1934 for shares, where `value` is an end). It holds for any variable within the
 * range: were its mean farther away, it would be `value` too rarely for n of n to be so once in 40 times. Null where the
 * range has no ends.
 */
export function equalValuesBound(value: number, n: number, [low, high]: Interval): Interval | null {
	const reach = 1 - 0.025 ** (1 / n);
	const interval: Interval = [value - (value - low) * reach, value + (high - value) * reach];
	return interval.every(Number.isFinite) ? interval : null;
}

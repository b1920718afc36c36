/** The sign-flip test of paired differences, exact wherever its sums can be counted. */
import { binomialTail } from './combinatorics.ts';
import { commonUnits } from './commonUnits.ts';
import { countedSums, type CountedSums, withSize } from './countedSums.ts';

/** Differences this close are one: sums of the same numbers in another order. */
export const sameDifference = 1e-12;

/** Additions that one exact test may take: a fifth of a millisecond. */
const mostAdditions = 200_000;

/** Sums that either half of the differences may have. */
const mostSums = 4096;

/**
 * Returns the exact two-sided p of the sign-flip test of the mean: the share of the 2^n ways to give the differences
 * signs whose sum lies as far from 0 as the one observed, or farther (Fisher 1935, ch. 3; docs/methods.md D.9). Null
 * where there are too many different sums to count: that cannot be with up to 24 differences, nor where they are whole
 * multiples of one unit and their sum is not too large.
 */
export function exactSignFlip(differences: Float64Array): number | null {
	const sizes = sizesOf(differences);
	// A flipped set changes the sum by twice its own; those that keep it as far from 0 sum to at most this or its mirror.
	const lesser = lesserSide(differences);
	return flipsOfUnits(sizes, lesser) ?? flipsOfHalves(sizes, lesser, differences.length);
}

/** Returns the smallest p that any signs of these differences could have: 2^(1 - n), n of them not 0. */
export function smallestSignFlip(differences: Float64Array): number {
	return Math.min(1, 2 * 2 ** -sizesOf(differences).length);
}

/** Written as loops, as all that runs for every pair of methods: callbacks take ten times as long. */
function sizesOf(differences: Float64Array): Float64Array {
	const sizes = new Float64Array(differences.length);
	let count = 0;
	for (const difference of differences) {
		const size = Math.abs(difference);
		if (size > sameDifference) sizes[count++] = size;
	}
	return sizes.subarray(0, count);
}

function lesserSide(differences: Float64Array): number {
	let up = 0;
	let down = 0;
	for (const value of differences) {
		if (value > 0) up += value;
		else down -= value;
	}
	return Math.min(up, down);
}

function flipsOfUnits(sizes: Float64Array, lesser: number): number | null {
	const units = commonUnits(sizes);
	if (units === null) return null;
	const first = units.counts[0] ?? 1;
	const limit = Math.round(lesser / units.unit);
	if (units.counts.every((count) => count === first)) {
		return twoSided(binomialTail(units.counts.length, Math.floor(limit / first)));
	}
	return units.counts.length * (limit + 1) > mostAdditions ? null : twoSided(shareUpTo(units.counts, limit));
}

/** Returns the share of all subsets whose sum is at most `limit`. */
function shareUpTo(counts: Int32Array, limit: number): number {
	const shares = new Float64Array(limit + 1);
	shares[0] = 1;
	for (const count of counts) {
		for (let sum = limit; sum >= count; sum--) {
			shares[sum] = ((shares[sum] as number) + (shares[sum - count] as number)) / 2;
		}
		for (let sum = Math.min(count - 1, limit); sum >= 0; sum--) shares[sum] = (shares[sum] as number) / 2;
	}
	return shares.reduce((total, share) => total + share, 0);
}

/** Counts the sums of two halves apart and joins them: 2^(n/2) steps in place of 2^n (Horowitz & Sahni 1974). */
function flipsOfHalves(sizes: Float64Array, lesser: number, n: number): number | null {
	const limit = lesser + (n * sameDifference) / 2;
	if (sumsOfHalf(sizes, limit) > mostSums) return null;
	const rising = sizes.toSorted();
	const [left, right] = [subsetSums(rising, 0, limit), subsetSums(rising, 1, limit)];
	return twoSided(pairsUpTo(left, right, limit) * 2 ** -sizes.length);
}

/** Returns about how many sums up to `limit` half of the sizes have, at most, by Hoeffding's inequality (1963, theorem 2). */
function sumsOfHalf(sizes: Float64Array, limit: number): number {
	let mean = 0;
	let squares = 0;
	for (const size of sizes) {
		mean += size / 4;
		squares += (size * size) / 2;
	}
	const below = Math.max(0, mean - limit);
	const subsets = Math.floor(sizes.length / 2) * Math.LN2;
	return Math.exp(squares === 0 ? 0 : subsets - (2 * below * below) / squares);
}

/** Returns the sums of every second size from the largest or the second largest on: large ones leave few below the limit. */
function subsetSums(rising: Float64Array, skipped: number, limit: number): CountedSums {
	let sums = countedSums();
	for (let i = rising.length - 1 - skipped; i >= 0; i -= 2) sums = withSize(sums, rising[i] as number, limit);
	return sums;
}

/** Returns how many pairs of one sum of either side stay within the limit. */
function pairsUpTo(left: CountedSums, right: CountedSums, limit: number): number {
	let total = 0;
	let within = 0;
	let next = 0;
	for (let i = left.sums.length - 1; i >= 0; i--) {
		const room = limit - (left.sums[i] as number);
		while (next < right.sums.length && (right.sums[next] as number) <= room) {
			within += right.counts[next++] as number;
		}
		total += within * (left.counts[i] as number);
	}
	return total;
}

/** Both tails are alike; never 0, as what was observed is one of the ways. */
function twoSided(tail: number): number {
	return Math.max(Number.MIN_VALUE, Math.min(1, 2 * tail));
}

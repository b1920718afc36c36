/** Different sums of subsets, rising, with how many subsets have each. */
export interface CountedSums {
	readonly sums: Float64Array;
	readonly counts: Float64Array;
}

/** Sums this close are one: the same sizes added in another order. */
const sameSum = 1e-13;

/** Returns the sums of the empty set alone. */
export function countedSums(): CountedSums {
	return { sums: Float64Array.of(0), counts: Float64Array.of(1) };
}

/** Returns the sums with and without one more member of the set; those above the limit are dropped. */
export function withSize(own: CountedSums, size: number, limit: number): CountedSums {
	const n = own.sums.length;
	const sums = new Float64Array(2 * n);
	const counts = new Float64Array(2 * n);
	let length = 0;
	let plain = 0;
	let raised = 0;
	let last = -Infinity;
	while (raised < n) {
		const without = plain < n ? (own.sums[plain] as number) : Infinity;
		const including = (own.sums[raised] as number) + size;
		const sum = without <= including ? without : including;
		if (sum > limit) break;
		const count = own.counts[without <= including ? plain++ : raised++] as number;
		if (sum - last <= sameSum) {
			counts[length - 1] = (counts[length - 1] as number) + count;
		} else {
			sums[length] = sum;
			counts[length++] = count;
			last = sum;
		}
	}
	return { sums: sums.subarray(0, length), counts: counts.subarray(0, length) };
}

/** Returns a quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996, NumPy's default). */
import { itemAt } from '../../core/present.ts';
export function quantile(sorted: ArrayLike<number>, share: number): number {
	return quantileIn(sorted, 0, sorted.length, share);
}

/** `sorted` holds the ranks from `first` on, of `count` values. */
function quantileIn(sorted: ArrayLike<number>, first: number, count: number, share: number): number {
	const position = share * (count - 1);
	const below = itemAt(sorted, Math.floor(position) - first);
	const above = itemAt(sorted, Math.ceil(position) - first);
	return below === above ? below : below + (above - below) * (position - Math.floor(position));
}

/**
 * Returns the quantiles `share` and `1 - share` of the values, as `quantile` of the sorted values, without sorting: only the
 * ends are put in order, which takes a quarter of the time for a thousand values.
 */
export function endsOf(values: Float64Array, share: number): readonly [low: number, high: number] {
	const count = Math.ceil(share * (values.length - 1)) + 1;
	if (2 * count > values.length || count > mostKept) {
		const sorted = values.toSorted();
		return [quantile(sorted, share), quantile(sorted, 1 - share)];
	}
	const lowest = smallest(values, count, 1);
	const highest = smallest(values, count, -1)
		.map((value) => -value)
		.reverse();
	const from = values.length - count;
	return [quantileIn(lowest, 0, values.length, share), quantileIn(highest, from, values.length, 1 - share)];
}

/** Ends of more values than these are found by sorting all. */
const mostKept = 64;

/** Returns the smallest values times the sign, rising. */
function smallest(values: Float64Array, count: number, sign: 1 | -1): Float64Array {
	const kept = new Float64Array(count).fill(Infinity);
	let largest = Infinity;
	for (let i = 0; i < values.length; i++) {
		const value = sign * (values[i] as number);
		if (value >= largest) continue;
		let place = count - 1;
		while (place > 0 && (kept[place - 1] as number) > value) kept[place] = kept[--place] as number;
		kept[place] = value;
		largest = kept[count - 1] as number;
	}
	return kept;
}

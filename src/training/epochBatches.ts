import { seededRandom } from '../core/random.ts';

export interface BatchOptions {
	/** Sequences of one step. */
	readonly size: number;
	/**
	 * Batches of similar length are cut from buckets of this many batches of random sequences; 1 mixes all lengths. Large
	 * buckets waste less on padding, and make the sequences of a step more alike.
	 */
	readonly bucket: number;
	readonly seed: number;
}

/**
 * Returns the batches of an epoch as positions in `lengths`: every sequence once, in an order that seed and epoch decide.
 * The last batch may be smaller.
 */
export function epochBatches(
	lengths: readonly number[],
	epoch: number,
	{ size, bucket, seed }: BatchOptions,
): number[][] {
	const random = seededRandom(seed, 'batches', epoch);
	const order = random.shuffle(lengths.map((_, i) => i));
	const cut = <T>(items: readonly T[], length: number): T[][] =>
		Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));
	if (bucket === 1) return cut(order, size);
	const byLength = (a: number, b: number): number => (lengths[a] as number) - (lengths[b] as number) || a - b;
	const buckets = cut(order, size * bucket).map((members) => members.toSorted(byLength));
	return random.shuffle(buckets.flatMap((members) => cut(members, size)));
}

import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { hasValue, type Score } from '../../core/score.ts';
import { resamplesOf, type ResamplingOptions } from './bootstrap.ts';
import { difference } from './pairedBootstrap.ts';

export interface RandomisationTest {
	readonly difference: Score;
	/** Two-sided; null where the difference, or more than half of the swapped ones, has no value. */
	readonly p: number | null;
	/** Swaps without a value; each was drawn again. */
	readonly degenerate: number;
}

/** 1 for each pair that changes sides; reused from draw to draw, so a statistic must not keep it. */
export type Swaps = Uint8Array;

/** Differences this close are one: sums of the same numbers in another order. */
const tolerance = 1e-12;

/**
 * Returns the approximate randomisation test of `statistic(first) - statistic(second)` for paired items, for any
 * statistic (see `swapTest`). Throws `InternalError` when the lists differ in length.
 */
export function randomisationTest<Item>(
	first: readonly Item[],
	second: readonly Item[],
	statistic: (items: readonly Item[]) => Score,
	options: ResamplingOptions,
): RandomisationTest {
	if (first.length !== second.length) throw new InternalError(`${first.length} and ${second.length} paired items`);
	const side = (own: readonly Item[], other: readonly Item[], swaps: Swaps): Item[] =>
		own.map((item, i) => (swaps[i] === 1 ? (other[i] as Item) : item));
	const differenceAfter = (swaps: Swaps): Score =>
		difference(statistic(side(first, second, swaps)), statistic(side(second, first, swaps)));
	return swapTest(first.length, differenceAfter, options);
}

/**
 * Returns the approximate randomisation test of a difference over `n` pairs: each pair is swapped with probability 1/2,
 * `p = (1 + #{|d*| >= |d|}) / (1 + R)` (Noreen 1989, ch. 2; docs/methods.md D.9).
 */
export function swapTest(
	n: number,
	differenceAfter: (swaps: Swaps) => Score,
	options: ResamplingOptions,
): RandomisationTest {
	const swaps = new Uint8Array(n);
	const observed = differenceAfter(swaps);
	if (!hasValue(observed)) return { difference: observed, p: null, degenerate: 0 };
	const random = seededRandom(options.seed, 'randomisation');
	const resamples = resamplesOf(options);
	let [drawn, atLeast, degenerate] = [0, 0, 0];
	while (drawn < resamples) {
		for (let i = 0; i < n; i++) swaps[i] = random.next() < 0.5 ? 1 : 0;
		const score = differenceAfter(swaps);
		if (!hasValue(score)) {
			if (++degenerate > resamples) return { difference: observed, p: null, degenerate };
			continue;
		}
		drawn++;
		if (Math.abs(score.value) >= Math.abs(observed.value) - tolerance) atLeast++;
	}
	return { difference: observed, p: (1 + atLeast) / (1 + resamples), degenerate };
}

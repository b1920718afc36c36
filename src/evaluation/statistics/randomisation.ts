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

/** Differences this close are one: sums of the same numbers in another order. */
const tolerance = 1e-12;

/**
 * Returns the approximate randomisation test of `statistic(first) - statistic(second)` for paired items, for any
 * statistic: each pair is swapped with probability 1/2, `p = (1 + #{|d*| >= |d|}) / (1 + R)` (Noreen 1989, ch. 2;
 * methods.md D.9). Throws `InternalError` when the lists differ in length.
 */
export function randomisationTest<Item>(
	first: readonly Item[],
	second: readonly Item[],
	statistic: (items: readonly Item[]) => Score,
	options: ResamplingOptions,
): RandomisationTest {
	if (first.length !== second.length) throw new InternalError(`${first.length} and ${second.length} paired items`);
	const observed = difference(statistic(first), statistic(second));
	if (!hasValue(observed)) return { difference: observed, p: null, degenerate: 0 };
	const random = seededRandom(options.seed, 'randomisation');
	const resamples = resamplesOf(options);
	let [drawn, atLeast, degenerate] = [0, 0, 0];
	while (drawn < resamples) {
		const [left, right] = swapped(first, second, () => random.next() < 0.5);
		const score = difference(statistic(left), statistic(right));
		if (!hasValue(score)) {
			if (++degenerate > resamples) return { difference: observed, p: null, degenerate };
			continue;
		}
		drawn++;
		if (Math.abs(score.value) >= Math.abs(observed.value) - tolerance) atLeast++;
	}
	return { difference: observed, p: (1 + atLeast) / (1 + resamples), degenerate };
}

function swapped<Item>(first: readonly Item[], second: readonly Item[], swap: () => boolean): [Item[], Item[]] {
	const [left, right] = [[...first], [...second]];
	for (let i = 0; i < left.length; i++) {
		if (swap()) [left[i], right[i]] = [right[i] as Item, left[i] as Item];
	}
	return [left, right];
}

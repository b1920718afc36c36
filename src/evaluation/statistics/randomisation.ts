import { seededRandom } from '../../core/random.ts';
import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { drawsPerBlock, enough } from './signDraws.ts';
import { sameDifference } from './signFlip.ts';

export interface RandomisationTest {
	/** Two-sided; null where the difference, or more than half of the swapped ones, has no value. */
	readonly p: number | null;
	/** Random swaps behind p; null where p is exact, or there is none. */
	readonly flips: number | null;
	/** The smallest p that so many pairs allow. */
	readonly smallestP: number | null;
}

/** 1 for each pair that changes sides; reused from draw to draw, so a statistic must not keep it. */
export type Swaps = Uint8Array;

/** Up to so many pairs all swaps are tried. */
const mostEnumerated = 13;

/**
 * Returns the randomisation test of a difference over `n` pairs, for any statistic: each pair is swapped or not. All 2^n
 * ways are tried up to 13 pairs, and p is the share with a difference as large as the one observed; beyond, `draws` of
 * them, and `p = (1 + #{|d*| >= |d|}) / (1 + draws)` (Noreen 1989, ch. 2; docs/methods.md D.9). Drawing stops as that of
 * `signFlipTests` does.
 */
export function swapTest(
	n: number,
	differenceAfter: (swaps: Swaps) => Score,
	{ seed, draws }: { readonly seed: number | string; readonly draws: number },
): RandomisationTest {
	const observed = differenceAfter(new Uint8Array(n));
	if (!hasValue(observed)) return { p: null, flips: null, smallestP: null };
	const least = Math.abs(observed.value) - sameDifference;
	return n <= mostEnumerated
		? ofAllSwaps(n, differenceAfter, least)
		: ofDrawn(n, differenceAfter, { least, seed, draws });
}

function ofAllSwaps(n: number, differenceAfter: (swaps: Swaps) => Score, least: number): RandomisationTest {
	const swaps = new Uint8Array(n);
	let valued = 0;
	let farther = 0;
	for (let number = 0; number < 2 ** n; number++) {
		for (let i = 0; i < n; i++) swaps[i] = (number >> i) & 1;
		const score = differenceAfter(swaps);
		if (!hasValue(score)) continue;
		valued++;
		if (Math.abs(score.value) >= least) farther++;
	}
	if (2 * valued < 2 ** n) return { p: null, flips: null, smallestP: null };
	return { p: farther / valued, flips: null, smallestP: Math.min(1, 2 / valued) };
}

interface Drawing {
	readonly least: number;
	readonly seed: number | string;
	readonly draws: number;
}

function ofDrawn(
	n: number,
	differenceAfter: (swaps: Swaps) => Score,
	{ least, seed, draws }: Drawing,
): RandomisationTest {
	const swaps = new Uint8Array(n);
	const random = seededRandom(seed, 'randomisation');
	let drawn = 0;
	let farther = 0;
	let degenerate = 0;
	while (drawn < draws && (drawn < drawsPerBlock || farther < enough)) {
		for (let i = 0; i < n; i++) swaps[i] = random.next() < 0.5 ? 1 : 0;
		const score = differenceAfter(swaps);
		if (!hasValue(score)) {
			if (++degenerate > draws) return { p: null, flips: null, smallestP: null };
			continue;
		}
		drawn++;
		if (Math.abs(score.value) >= least) farther++;
	}
	const stopped = drawn > drawsPerBlock && farther >= enough;
	return { p: stopped ? farther / drawn : (1 + farther) / (1 + drawn), flips: drawn, smallestP: 1 / (1 + draws) };
}

/** Returns `first - second`; missing where either is. */
export function difference(first: Score, second: Score): Score {
	if (!hasValue(first)) return missing(`first: ${first.missing}`);
	if (!hasValue(second)) return missing(`second: ${second.missing}`);
	return scored(first.value - second.value);
}

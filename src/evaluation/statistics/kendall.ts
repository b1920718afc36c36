import { InternalError } from '../../core/errors.ts';
import { zip } from '../../core/present.ts';
import { missing, type Score, scored } from '../../core/score.ts';

/**
 * Returns Kendall's tau-b of two lists of numbers, `(C - D) / sqrt((P - ties in a) (P - ties in b))` over the P pairs
 * (Kendall 1945), in n log n time (Knight 1966); missing where one list is constant, holds fewer than two numbers or one that
 * is not finite. Throws `InternalError` when the lists differ in length.
 */
export function kendallTauB(a: readonly number[], b: readonly number[]): Score {
	if (a.length !== b.length) throw new InternalError(`${a.length} and ${b.length} paired numbers`);
	if (![...a, ...b].every(Number.isFinite)) return missing('not all numbers are finite');
	const pairs = zip(a, b).toSorted(byBoth);
	const all = pairsAmong(pairs.length);
	const untiedInA = all - tiedPairs(pairs, (one, two) => one[0] === two[0]);
	const untiedInB = all - tiedPairs(pairs.toSorted(bySecond), (one, two) => one[1] === two[1]);
	if (untiedInA === 0 || untiedInB === 0) return missing('all equal: no order to compare');
	const tiedInBoth = tiedPairs(pairs, (one, two) => one[0] === two[0] && one[1] === two[1]);
	const discordant = inversions(pairs.map(([, second]) => second)).count;
	const agreement = untiedInA + untiedInB - all + tiedInBoth - 2 * discordant;
	return scored(agreement / Math.sqrt(untiedInA * untiedInB));
}

type Pair = readonly [number, number];

function byBoth(one: Pair, two: Pair): number {
	return one[0] - two[0] || bySecond(one, two);
}

function bySecond(one: Pair, two: Pair): number {
	return one[1] - two[1];
}

function pairsAmong(count: number): number {
	return (count * (count - 1)) / 2;
}

/** Returns the number of pairs that are equal, of a list in which equals stand side by side. */
function tiedPairs(sorted: readonly Pair[], areEqual: (one: Pair, two: Pair) => boolean): number {
	let [tied, run] = [0, 0];
	for (const [i, pair] of sorted.entries()) {
		const before = sorted[i - 1];
		run = before !== undefined && areEqual(before, pair) ? run + 1 : 0;
		tied += run;
	}
	return tied;
}

/** Returns the list in rising order, and how many pairs stood the other way round. */
function inversions(values: readonly number[]): { readonly sorted: readonly number[]; readonly count: number } {
	if (values.length < 2) return { sorted: values, count: 0 };
	const middle = values.length >> 1;
	const [left, right] = [inversions(values.slice(0, middle)), inversions(values.slice(middle))];
	let count = left.count + right.count;
	const sorted: number[] = [];
	let next = 0;
	for (const value of left.sorted) {
		while (next < right.sorted.length && (right.sorted[next] as number) < value)
			sorted.push(right.sorted[next++] as number);
		count += next;
		sorted.push(value);
	}
	return { sorted: [...sorted, ...right.sorted.slice(next)], count };
}

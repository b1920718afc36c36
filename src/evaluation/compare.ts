import { InternalError } from '../core/errors.ts';
import { hasValue, type Score } from '../core/score.ts';
import { type Metric, resampledMetric } from './metric.ts';
import type { Interval, ResamplingOptions } from './statistics/bootstrap.ts';
import { difference, pairedBootstrap } from './statistics/pairedBootstrap.ts';
import { pairedEffect, type PairedEffect } from './statistics/pairedEffect.ts';
import { type Swaps, swapTest } from './statistics/randomisation.ts';

/** The difference of one metric between two methods on the same examples; the effect is for metrics that are means. */
export interface Comparison extends PairedEffect {
	/** First minus second; null where there is none. */
	readonly difference: number | null;
	/** Paired bootstrap. */
	readonly ci95: Interval | null;
	/** Approximate randomisation, two-sided. */
	readonly p: number | null;
	/** Examples on which both have a value. */
	readonly n: number;
	readonly missing: number;
}

/**
 * Returns the paired comparison over the examples on which both have a value (docs/methods.md D.9). Throws `InternalError`
 * when the lists differ in length.
 */
export function compare<Item>(
	metric: Metric<Item>,
	first: readonly Item[],
	second: readonly Item[],
	options: ResamplingOptions,
): Comparison {
	const pairs = pairsOf(metric, first, second);
	const counts = { n: pairs.length, missing: first.length - pairs.length };
	if (pairs.length === 0) return { difference: null, ci95: null, p: null, effectSize: null, needed: null, ...counts };
	const statistic = (side: keyof Pair) =>
		resampledMetric(
			metric,
			pairs.map((pair) => pair[side]),
		);
	const found = pairedBootstrap(pairs.length, statistic('first'), statistic('second'), options);
	const { p } = swapTest(pairs.length, differenceAfterSwaps(metric, pairs), options);
	const value = hasValue(found.difference) ? found.difference.value : null;
	return { difference: value, ci95: found.ci95, p, ...effectOf(metric, pairs), ...counts };
}

type Row = readonly number[];

/** What one example adds on either side. */
interface Pair {
	readonly first: Row;
	readonly second: Row;
}

function pairsOf<Item>(metric: Metric<Item>, first: readonly Item[], second: readonly Item[]): Pair[] {
	if (first.length !== second.length) throw new InternalError(`${first.length} and ${second.length} paired examples`);
	return first.flatMap((item, index) => {
		const [a, b] = [metric.summand(item), metric.summand(second[index] as Item)];
		return 'missing' in a || 'missing' in b ? [] : [{ first: a.amounts, second: b.amounts }];
	});
}

/** A swapped pair moves what second has more than first, column by column, from one side's sum to the other's. */
function differenceAfterSwaps<Item>(metric: Metric<Item>, pairs: readonly Pair[]): (swaps: Swaps) => Score {
	const columns = (pairs[0]?.first ?? []).map((_, column) => ({
		left: pairs.reduce((sum, { first }) => sum + (first[column] ?? NaN), 0),
		right: pairs.reduce((sum, { second }) => sum + (second[column] ?? NaN), 0),
		more: Float64Array.from(pairs, ({ first, second }) => (second[column] ?? NaN) - (first[column] ?? NaN)),
	}));
	return (swaps) => {
		const moved = columns.map(({ more }) => movedBy(swaps, more));
		const left = columns.map((sums, column) => sums.left + (moved[column] ?? NaN));
		const right = columns.map((sums, column) => sums.right - (moved[column] ?? NaN));
		return difference(metric.combine(left, pairs.length), metric.combine(right, pairs.length));
	};
}

function movedBy(swaps: Swaps, more: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < more.length; i++) if (swaps[i] === 1) sum += more[i] as number;
	return sum;
}

function effectOf<Item>({ isMean }: Metric<Item>, pairs: readonly Pair[]): PairedEffect {
	if (!isMean) return { effectSize: null, needed: null };
	return pairedEffect(pairs.map(({ first: [a = NaN], second: [b = NaN] }) => a - b));
}

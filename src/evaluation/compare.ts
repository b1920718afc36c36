import { zip } from '../core/present.ts';
import { hasValue, missing, type Score } from '../core/score.ts';
import { type Combined, type Metric, valueOf } from './metric.ts';
import { type Pair, pairUp } from './pairUp.ts';
import { type MetricTable, type ResampledMetric, resampledMetrics } from './resampledMetrics.ts';
import {
	intervalOf,
	type Interval,
	presentValues,
	resamplesOf,
	type ResamplingOptions,
} from './statistics/bootstrap.ts';
import { pairedEffect, type PairedEffect } from './statistics/pairedEffect.ts';
import { equalValuesBound } from './statistics/proportion.ts';
import { difference, type RandomisationTest, type Swaps, swapTest } from './statistics/randomisation.ts';
import { sameDifference } from './statistics/signFlip.ts';
import { signDraws, type SignDraws } from './statistics/signDraws.ts';
import { mostDraws, signFlipTests } from './statistics/signFlipTests.ts';
import { type Summands, summandsOf } from './summands.ts';

/** The difference of one metric between two methods on the same examples; the effect is for metrics that are means. */
export interface Comparison extends PairedEffect, RandomisationTest {
	/** First minus second; null where there is none. */
	readonly difference: number | null;
	/** Paired bootstrap; where all examples differ by the same, the exact bound (`equalValuesBound`). */
	readonly ci95: Interval | null;
	/** Examples on which both have a value. */
	readonly n: number;
	readonly missing: number;
}

export interface ComparisonOptions extends ResamplingOptions {
	/** Random signs drawn before, by `signDraws`; drawn anew where left out. */
	readonly signs?: SignDraws;
	/** Tests that are corrected together: a test that draws draws the more of them. Those made here when left out. */
	readonly tests?: number;
}

/** Returns that there is no comparison, for a reason that is told elsewhere. */
export function noComparison(missing: number): Comparison {
	return { difference: null, ci95: null, ...noTest, effectSize: null, needed: null, n: 0, missing };
}

/**
 * Returns the paired comparison over the examples on which both have a value (docs/methods.md D.9). Throws `InternalError`
 * when the lists differ in length.
 */
export function compare<Item>(
	metric: Metric<Item>,
	first: readonly Item[],
	second: readonly Item[],
	options: ComparisonOptions,
): Comparison {
	return compareEvery(metric, [first, second], options)[0] ?? noComparison(first.length);
}

/** Returns the comparison of every two members: the first with the second, with the third and so on (see `compare`). */
export function compareEvery<Item>(
	metric: Metric<Item>,
	members: readonly (readonly Item[])[],
	options: ComparisonOptions,
): Comparison[] {
	return compareSummands(
		members.map((items) => summandsOf(metric, items)),
		options,
	);
}

/** Returns the same of what the members' examples add to one metric. */
export function compareSummands(members: readonly Summands[], options: ComparisonOptions): Comparison[] {
	const metric = members[0]?.metric;
	if (metric === undefined) return [];
	const pairs = pairUp(members);
	const sides = sidesOf(metric, pairs, options);
	const found = pairs.map((pair) => observe(metric, pair, sides));
	const tests = testsOf(metric, pairs, found, { tests: pairs.length, ...options });
	const scratch = new Float64Array(resamplesOf(options));
	return found.map((one, i) => {
		const { pair, observed, differences } = one;
		const { n } = pair.first.columns;
		if (n === 0) return noComparison(pair.missing);
		const { p, flips, smallestP } = tests[i] ?? noTest;
		const { effectSize, needed } = differences === null ? noEffect : pairedEffect(differences);
		const ci95 = intervalBetween(metric, one, scratch);
		return { difference: observed, ci95, p, flips, smallestP, effectSize, needed, n, missing: pair.missing };
	});
}

const noEffect: PairedEffect = { effectSize: null, needed: null };

/** What is known of one side over the examples of a pair. */
interface Side {
	readonly value: Score;
	/** Null for fewer than two examples. */
	readonly resampled: ResampledMetric | null;
}

function sidesOf(metric: Combined, pairs: readonly Pair[], options: ResamplingOptions): Map<MetricTable, Side> {
	const tables = [...new Set(pairs.flatMap(({ first, second }) => [first, second]))];
	const several = tables.filter(({ columns }) => columns.n > 1);
	const resampled = resampledMetrics(several, options);
	const values = new Map(zip(several, resampled));
	return new Map(
		tables.map((table) => {
			const value = table.columns.n === 0 ? missing('no example') : valueOf(metric, table.columns);
			return [table, { value, resampled: values.get(table) ?? null }];
		}),
	);
}

interface Observed {
	readonly pair: Pair;
	readonly first: Side | undefined;
	readonly second: Side | undefined;
	/** First minus second, null where there is none. */
	readonly observed: number | null;
	/** By example, of a metric that is a mean. */
	readonly differences: Float64Array | null;
}

function observe({ isMean }: Combined, pair: Pair, sides: ReadonlyMap<MetricTable, Side>): Observed {
	const [first, second] = [sides.get(pair.first), sides.get(pair.second)];
	const [a, b] = [first?.value ?? noValue, second?.value ?? noValue];
	return {
		pair,
		first,
		second,
		observed: hasValue(a) && hasValue(b) ? a.value - b.value : null,
		differences: isMean ? differencesOf(pair) : null,
	};
}

const noValue: Score = missing('no example');

/** Returns the examples' differences by a metric that is a mean. */
function differencesOf({ first, second }: Pair): Float64Array {
	const [left, right] = [valuesOf(first), valuesOf(second)];
	const differences = new Float64Array(left.length);
	for (let i = 0; i < left.length; i++) differences[i] = (left[i] as number) - (right[i] as number);
	return differences;
}

const none = new Float64Array(0);

function valuesOf({ columns }: Pair['first']): Float64Array {
	return columns.columns[0] ?? none;
}

function intervalBetween(
	metric: Combined,
	{ pair, first, second, observed, differences }: Observed,
	scratch: Float64Array,
): Interval | null {
	if (first?.resampled == null || second?.resampled == null || observed === null) return null;
	if (differences !== null && isConstant(differences)) return boundOf(metric, pair, observed);
	const [a, b] = [first.resampled, second.resampled];
	for (let k = 0; k < scratch.length; k++) scratch[k] = (a.known[k] as number) - (b.known[k] as number);
	const found = presentValues(scratch, (k) => a.further(k) - b.further(k));
	return withWidth(intervalOf(found, observed).ci95);
}

function isConstant(differences: Float64Array): boolean {
	const first = differences[0] as number;
	for (let i = 1; i < differences.length; i++) {
		if (Math.abs((differences[i] as number) - first) >= sameDifference) return false;
	}
	return true;
}

/** Differences have twice the metric's range. */
function boundOf({ declaration: { range } }: Combined, { first }: Pair, observed: number): Interval | null {
	const width = range[1] - range[0];
	return equalValuesBound(observed, first.columns.n, [-width, width]);
}

/** An interval without width would read as certainty. */
function withWidth(ci95: Interval | null): Interval | null {
	return ci95 === null || ci95[1] - ci95[0] < sameDifference ? null : ci95;
}

const noTest: RandomisationTest = { p: null, flips: null, smallestP: null };

function testsOf(
	metric: Combined,
	pairs: readonly Pair[],
	found: readonly Observed[],
	{ tests, seed, signs = signDraws(seed) }: ComparisonOptions & { readonly tests: number },
): RandomisationTest[] {
	if (!metric.isMean) return pairs.map((pair) => swapped(metric, pair, { seed, draws: mostDraws(tests) }));
	const flipped = found.map(({ pair, differences }) => ({
		first: valuesOf(pair.first),
		second: valuesOf(pair.second),
		differences: differences ?? none,
	}));
	return signFlipTests(flipped, signs, tests);
}

function swapped(
	metric: Combined,
	pair: Pair,
	drawing: { readonly seed: number | string; readonly draws: number },
): RandomisationTest {
	const { n } = pair.first.columns;
	return n === 0 ? noTest : swapTest(n, differenceAfterSwaps(metric, pair), drawing);
}

/** A swapped pair moves what second has more than first, column by column, from one side's sum to the other's. */
function differenceAfterSwaps(metric: Combined, { first, second }: Pair): (swaps: Swaps) => Score {
	const { n } = first.columns;
	const columns = first.columns.columns.map((own, column) => {
		const other = second.columns.columns[column] ?? none;
		return { left: total(own), right: total(other), more: other.map((value, i) => value - (own[i] as number)) };
	});
	return (swaps) => {
		const moved = columns.map(({ more }) => movedBy(swaps, more));
		const left = columns.map((sums, column) => sums.left + (moved[column] as number));
		const right = columns.map((sums, column) => sums.right - (moved[column] as number));
		return difference(metric.combine(left, n), metric.combine(right, n));
	};
}

function total(values: Float64Array): number {
	return values.reduce((sum, value) => sum + value, 0);
}

function movedBy(swaps: Swaps, more: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < more.length; i++) if (swaps[i] === 1) sum += more[i] as number;
	return sum;
}

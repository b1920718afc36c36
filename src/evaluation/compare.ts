import { InternalError } from '../core/errors.ts';
import { hasValue, type Score } from '../core/score.ts';
import { type Metric, resampledMetric } from './metric.ts';
import { everyExample, type Interval, type Resample, type ResamplingOptions } from './statistics/bootstrap.ts';
import { pairedBootstrap } from './statistics/pairedBootstrap.ts';
import { randomisationTest } from './statistics/randomisation.ts';

/** The difference of one metric between two methods on the same examples. */
export interface Comparison {
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
 * Returns the paired comparison over the examples on which both have a value (methods.md D.9). Throws `InternalError`
 * when the lists differ in length.
 */
export function compare<Item>(
	metric: Metric<Item>,
	first: readonly Item[],
	second: readonly Item[],
	options: ResamplingOptions,
): Comparison {
	const pairs = pairsOf(metric, first, second);
	const n = pairs.length;
	const counts = { n, missing: first.length - n };
	if (n === 0) return { difference: null, ci95: null, p: null, ...counts };
	const rows = [...pairs.map((pair) => pair.first), ...pairs.map((pair) => pair.second)];
	const statistic = resampledMetric(metric, rows);
	const shifted = (indexes: Resample): Score => statistic(indexes.map((index) => index + n));
	const { difference, ci95 } = pairedBootstrap(n, statistic, shifted, options);
	const left = [...everyExample(n)];
	const right = left.map((index) => index + n);
	const { p } = randomisationTest(left, right, (numbers) => statistic(Uint32Array.from(numbers)), options);
	return { difference: hasValue(difference) ? difference.value : null, ci95, p, ...counts };
}

type Row = readonly number[];

function pairsOf<Item>(
	metric: Metric<Item>,
	first: readonly Item[],
	second: readonly Item[],
): { first: Row; second: Row }[] {
	if (first.length !== second.length) throw new InternalError(`${first.length} and ${second.length} paired examples`);
	return first.flatMap((item, index) => {
		const [a, b] = [metric.summand(item), metric.summand(second[index] as Item)];
		return 'missing' in a || 'missing' in b ? [] : [{ first: a.amounts, second: b.amounts }];
	});
}

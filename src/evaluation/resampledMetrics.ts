import { groupBy } from '../core/groupBy.ts';
import { entryOf, itemAt, widthOf } from '../core/present.ts';
import { hasValue, type Score } from '../core/score.ts';
import { type Columns, type Combined, valueAt } from './metric.ts';
import { drawsOf, resamplesOf, type ResamplingOptions } from './statistics/bootstrap.ts';
import type { Resample } from './statistics/resample.ts';
import { sharedSums } from './statistics/sharedSums.ts';

/** A metric with what its examples add. */
export interface MetricTable {
	readonly metric: Combined;
	readonly columns: Columns;
}

/** A metric's values over resamples; NaN where a resample has none. */
export interface ResampledMetric {
	/** On the first resamples, as many as are wanted. */
	readonly known: Float64Array;
	/** On the resamples after these. */
	readonly further: (k: number) => number;
}

/**
 * Returns the values of many metrics over the resamples, table by table. Tables over the same number of examples see the
 * same resamples and are added up together (see `resampledSums`); all see what each would see alone.
 */
export function resampledMetrics(tables: readonly MetricTable[], options: ResamplingOptions): ResampledMetric[] {
	const found = new Map<MetricTable, ResampledMetric>();
	for (const own of groupBy(tables, ({ columns }) => String(columns.n)).values()) {
		const { n } = itemAt(own, 0).columns;
		const over = { seed: options.seed, resamples: resamplesOf(options), draw: drawsOf(options, n) };
		const sums = (options.sums ?? sharedSums())(
			own.flatMap(({ columns }) => columns.columns),
			over,
		);
		let next = 0;
		for (const table of own) {
			const { length } = table.columns.columns;
			found.set(table, valuesOf(table, sums.slice(next, next + length), furtherDraws(options, n)));
			next += length;
		}
	}
	return tables.map((table) => entryOf(found, table, 'metric'));
}

function valuesOf(
	{ metric, columns }: MetricTable,
	sums: readonly Float64Array[],
	draw: (k: number) => Resample,
): ResampledMetric {
	return {
		known: metric.isMean ? meansOf(sums[0], columns.n) : combined(metric, sums, columns.n),
		further: (k) => numberOf(valueAt(metric, columns, draw(k))),
	};
}

function meansOf(sums: Float64Array | undefined, n: number): Float64Array {
	if (sums === undefined) return new Float64Array(0);
	const means = new Float64Array(sums.length);
	for (let k = 0; k < sums.length; k++) {
		const value = (sums[k] as number) / n;
		means[k] = Number.isFinite(value) ? value : NaN;
	}
	return means;
}

function combined(metric: Combined, sums: readonly Float64Array[], n: number): Float64Array {
	const amounts = sums.map(() => 0);
	const values = new Float64Array(widthOf(sums));
	for (let k = 0; k < values.length; k++) {
		for (const [i, column] of sums.entries()) amounts[i] = column[k] as number;
		values[k] = numberOf(metric.combine(amounts, n));
	}
	return values;
}

/** Returns the draws anew, for the few that are needed beyond those added up. */
function furtherDraws(options: ResamplingOptions, n: number): (k: number) => Resample {
	let draw: ((k: number) => Resample) | null = null;
	let asked = 0;
	return (k) => {
		if (draw === null || k < asked) [draw, asked] = [drawsOf(options, n), 0];
		while (asked < k) draw(asked++);
		return draw(asked++);
	};
}

function numberOf(score: Score): number {
	return hasValue(score) ? score.value : NaN;
}

import { groupBy } from '../core/groupBy.ts';
import { hasValue, type Score } from '../core/score.ts';
import { type Columns, type Metric, valueAt } from './metric.ts';
import { drawsOf, type Resample, resamplesOf, type ResamplingOptions } from './statistics/bootstrap.ts';
import { resampledSums } from './statistics/resampledSums.ts';

/** A metric with what its examples add. */
export interface MetricTable<Item> {
	readonly metric: Metric<Item>;
	readonly columns: Columns;
}

/** The metric's value on the k-th resample; NaN where it has none. To be asked in order beyond the first `resamples`. */
export type ValueOfResample = (k: number) => number;

/**
 * Returns the values of many metrics over the resamples, table by table. Tables over the same number of examples see the
 * same resamples and are added up together (see `resampledSums`); all see what each would see alone.
 */
export function resampledMetrics<Item>(
	tables: readonly MetricTable<Item>[],
	options: ResamplingOptions,
): ValueOfResample[] {
	const found = new Map<MetricTable<Item>, ValueOfResample>();
	for (const own of groupBy(tables, ({ columns }) => String(columns.n)).values()) {
		const n = own[0]?.columns.n ?? 0;
		const sums = resampledSums(
			own.flatMap(({ columns }) => columns.columns),
			drawsOf(options, n),
			resamplesOf(options),
		);
		let next = 0;
		for (const table of own) {
			const { length } = table.columns.columns;
			found.set(table, valuesOf(table, sums.slice(next, next + length), furtherDraws(options, n)));
			next += length;
		}
	}
	return tables.map((table) => found.get(table) ?? (() => NaN));
}

function valuesOf<Item>(
	{ metric, columns }: MetricTable<Item>,
	sums: readonly Float64Array[],
	further: (k: number) => Resample,
): ValueOfResample {
	const [only] = sums;
	const known = only?.length ?? 0;
	const amounts = sums.map(() => 0);
	return (k) => {
		if (k >= known) return numberOf(valueAt(metric, columns, further(k)));
		if (metric.isMean) return finiteOr((only?.[k] ?? NaN) / columns.n);
		for (let i = 0; i < sums.length; i++) amounts[i] = sums[i]?.[k] ?? NaN;
		return numberOf(metric.combine(amounts, columns.n));
	};
}

/** Returns the draws anew, for the few that are needed beyond those added up: they are asked for in order. */
function furtherDraws(options: ResamplingOptions, n: number): (k: number) => Resample {
	let draw: ((k: number) => Resample) | null = null;
	let asked = 0;
	return (k) => {
		draw ??= drawsOf(options, n);
		while (asked < k) draw(asked++);
		return draw(asked++);
	};
}

function numberOf(score: Score): number {
	return hasValue(score) ? score.value : NaN;
}

function finiteOr(value: number): number {
	return Number.isFinite(value) ? value : NaN;
}

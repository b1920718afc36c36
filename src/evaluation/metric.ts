import type { MetricDeclaration } from '../core/declarations.ts';
import { InternalError } from '../core/errors.ts';
import { itemAt, widthOf } from '../core/present.ts';
import { hasValue, type Score, scored } from '../core/score.ts';
import type { Resample } from './statistics/resample.ts';
import { sumAt } from './statistics/resampledSums.ts';

/** What one example adds to a metric, or why it adds nothing. */
export type Summand = { readonly amounts: readonly number[] } | { readonly missing: string };

/**
 * A metric over examples: every example adds a few amounts, and the metric is a function of their sums. That one form
 * gives the value, the chance level (the same function of expected amounts) and every bootstrap resample.
 */
export interface Metric<Item> {
	readonly declaration: MetricDeclaration;
	/** True when the metric is the mean of one value per example, each within the declared range. */
	readonly isMean: boolean;
	/** True when it is a share of the examples, each of which counts wholly or not: as a mean it gets Wilson's interval. */
	readonly isShare?: true;
	/** What the example adds. */
	readonly summand: (item: Item) => Summand;
	/** What chance adds in the example's place, as many amounts; missing where no closed form or no control exists. */
	readonly expected: (item: Item) => Summand;
	/** The metric from the sums over `count` (at least 1) examples. */
	readonly combine: (sums: readonly number[], count: number) => Score;
}

/** What a metric makes of sums, whatever its examples are. */
export type Combined = Omit<Metric<never>, 'summand' | 'expected'>;

/** Returns the metric that is the mean of `value` over the examples which have one; `expected` is the value by chance. */
export function meanMetric<Item>(
	declaration: MetricDeclaration,
	value: (item: Item) => Score,
	expected: (item: Item) => Score,
): Metric<Item> {
	return {
		declaration,
		isMean: true,
		summand: (item) => oneAmount(value(item)),
		expected: (item) => oneAmount(expected(item)),
		combine: (sums, count) => scored(itemAt(sums, 0) / count),
	};
}

/** Returns that there is no chance level: the `expected` of metrics without a closed form. */
export function noChance(): { readonly missing: string } {
	return { missing: 'no chance level' };
}

/** Returns the mean metric of values that are 0 or 1, whose interval is Wilson's. */
export function shareMetric<Item>(...parts: Parameters<typeof meanMetric<Item>>): Metric<Item> {
	return { ...meanMetric(...parts), isShare: true };
}

/** What examples add to a metric, by amount: `[amounts][examples]`. */
export interface Columns {
	readonly n: number;
	readonly columns: readonly Float64Array[];
}

/** Returns rows, each what one example adds, as columns. Throws `InternalError` when they differ in length. */
export function columnsOf({ declaration }: Combined, rows: readonly (readonly number[])[]): Columns {
	const width = widthOf(rows);
	const columns = Array.from({ length: width }, () => new Float64Array(rows.length));
	for (const [i, row] of rows.entries()) {
		if (row.length !== width) throw new InternalError(`${declaration.id}: examples of different tasks were mixed`);
		for (let column = 0; column < width; column++) (columns[column] as Float64Array)[i] = row[column] as number;
	}
	return { n: rows.length, columns };
}

/** Returns the metric over the examples of a resample. */
export function valueAt(metric: Combined, { columns }: Columns, indexes: Resample): Score {
	return metric.combine(
		columns.map((column) => sumAt(column, indexes)),
		indexes.length,
	);
}

/** Returns the metric over all examples, each once. */
export function valueOf(metric: Combined, columns: Columns): Score {
	return metric.combine(columns.columns.map(sumOf), columns.n);
}

function sumOf(column: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < column.length; i++) sum += column[i] as number;
	return sum;
}

/** Returns the metric as a statistic of a resample of the rows (see `columnsOf`). */
export function resampledMetric(metric: Combined, rows: readonly (readonly number[])[]): (indexes: Resample) => Score {
	const columns = columnsOf(metric, rows);
	return (indexes) => valueAt(metric, columns, indexes);
}

function oneAmount(score: Score): Summand {
	return hasValue(score) ? { amounts: [score.value] } : score;
}

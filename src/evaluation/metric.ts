import type { MetricDeclaration } from '../core/declarations.ts';
import { InternalError } from '../core/errors.ts';
import { hasValue, type Score, scored } from '../core/score.ts';
import type { Resample } from './statistics/bootstrap.ts';

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
	/** What the example adds. */
	readonly summand: (item: Item) => Summand;
	/** What chance adds in the example's place, as many amounts; missing where no closed form or no control exists. */
	readonly expected: (item: Item) => Summand;
	/** The metric from the sums over `count` (at least 1) examples. */
	readonly combine: (sums: readonly number[], count: number) => Score;
}

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
		combine: ([sum = NaN], count) => scored(sum / count),
	};
}

/** Returns that there is no chance level: the `expected` of metrics without a closed form. */
export function noChance(): { readonly missing: string } {
	return { missing: 'no chance level' };
}

/**
 * Returns the metric as a statistic of a resample of the rows, each what one example adds. Throws `InternalError` when
 * the rows differ in length.
 */
export function resampledMetric<Item>(
	metric: Metric<Item>,
	rows: readonly (readonly number[])[],
): (indexes: Resample) => Score {
	const width = rows[0]?.length ?? 0;
	if (rows.some((row) => row.length !== width)) {
		throw new InternalError(`${metric.declaration.id}: examples of different tasks were mixed`);
	}
	const columns = Array.from({ length: width }, (_, column) => Float64Array.from(rows, (row) => row[column] ?? NaN));
	const sumsAt = (indexes: Resample): number[] => columns.map((column) => sumAt(column, indexes));
	return (indexes) => metric.combine(sumsAt(indexes), indexes.length);
}

function sumAt(column: Float64Array, indexes: Resample): number {
	let sum = 0;
	for (let i = 0; i < indexes.length; i++) sum += column[indexes[i] as number] as number;
	return sum;
}

function oneAmount(score: Score): Summand {
	return hasValue(score) ? { amounts: [score.value] } : score;
}

import { hasValue, type Score } from '../core/score.ts';
import { type Metric, resampledMetric } from './metric.ts';
import {
	bootstrap,
	everyExample,
	type Interval,
	type ResamplingOptions,
	type Resample,
} from './statistics/bootstrap.ts';
import { unanimousBound } from './statistics/proportion.ts';

/** A metric's value with what a reader needs to judge it. */
export interface Estimate {
	/** Null where there is none: `note` says why. */
	readonly value: number | null;
	/** 95 % interval over the choice of examples; null with fewer than two examples or where resamples have no value. */
	readonly ci95: Interval | null;
	/** Examples that count. */
	readonly n: number;
	/** Examples left out. */
	readonly missing: number;
	/** The metric's expectation for random words of the same number (or random labels) on the examples that count. */
	readonly chance: number | null;
	readonly note: string | null;
}

/**
 * Returns the metric over the examples, with a percentile bootstrap interval that resamples examples (docs/methods.md D.9).
 * Where all examples have the same value at an end of the metric's range, resampling would give an interval without
 * width; the exact binomial bound takes its place (see `unanimousBound`) and the note says so.
 */
export function estimate<Item>(metric: Metric<Item>, items: readonly Item[], options: ResamplingOptions): Estimate {
	const { present, rows, reasons } = measure(metric, items);
	const counts = { n: rows.length, missing: reasons.length };
	if (rows.length === 0) return { ...nothing, ...counts, note: noteOf([noExample(reasons)]) };
	const statistic = resampledMetric(metric, rows);
	const score = statistic(everyExample(rows.length));
	if (!hasValue(score)) return { ...nothing, ...counts, note: score.missing };
	const { ci95, notes } = intervalOf(metric, rows.length, score.value, statistic, options);
	return {
		value: score.value,
		ci95,
		...counts,
		chance: chanceOf(metric, present),
		note: noteOf([...notes, missingNote(reasons)]),
	};
}

const nothing = { value: null, ci95: null, chance: null };

function measure<Item>(metric: Metric<Item>, items: readonly Item[]) {
	const present: Item[] = [];
	const rows: (readonly number[])[] = [];
	const reasons: string[] = [];
	for (const item of items) {
		const summand = metric.summand(item);
		if ('missing' in summand) {
			reasons.push(summand.missing);
			continue;
		}
		present.push(item);
		rows.push(summand.amounts);
	}
	return { present, rows, reasons };
}

function intervalOf<Item>(
	metric: Metric<Item>,
	n: number,
	value: number,
	statistic: (indexes: Resample) => Score,
	options: ResamplingOptions,
): { ci95: Interval | null; notes: (string | null)[] } {
	if (n === 1) return { ci95: null, notes: ['one example: no interval'] };
	const exact = metric.isMean ? unanimousBound(value, n, metric.declaration.range) : null;
	if (exact !== null) {
		return { ci95: exact, notes: [`all ${n} examples have the same value: exact binomial bound`] };
	}
	const { ci95, note } = bootstrap(n, statistic, options);
	if (ci95 === null) return { ci95: null, notes: [note] };
	const flat = ci95[0] === ci95[1] ? 'all resamples are alike: the interval shows no uncertainty' : null;
	return { ci95, notes: [note, flat] };
}

function chanceOf<Item>(metric: Metric<Item>, present: readonly Item[]): number | null {
	const rows = present.flatMap((item) => {
		const expected = metric.expected(item);
		return 'missing' in expected ? [] : [expected.amounts];
	});
	if (rows.length < present.length) return null;
	const score = resampledMetric(metric, rows)(everyExample(rows.length));
	return hasValue(score) ? score.value : null;
}

function noExample(reasons: readonly string[]): string {
	return reasons.length === 0 ? 'no examples' : `no example has a value: ${tally(reasons)}`;
}

function missingNote(reasons: readonly string[]): string | null {
	return reasons.length === 0 ? null : `left out: ${tally(reasons)}`;
}

/** Returns each reason with how often it occurs. */
function tally(reasons: readonly string[]): string {
	const counts = new Map<string, number>();
	for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
	return [...counts].map(([reason, count]) => `${reason} (${count})`).join(', ');
}

function noteOf(parts: readonly (string | null)[]): string | null {
	const said = parts.filter((part) => part !== null);
	return said.length === 0 ? null : said.join('; ');
}

import { itemAt, zip } from '../core/present.ts';
import { hasValue } from '../core/score.ts';
import { type Columns, type Combined, type Metric, valueOf } from './metric.ts';
import { type MetricTable, resampledMetrics, type ResampledMetric } from './resampledMetrics.ts';
import { intervalOf, type Interval, presentValues, type ResamplingOptions } from './statistics/bootstrap.ts';
import { equalValuesBound, wilsonInterval } from './statistics/proportion.ts';
import { columnsAt, presentRows, type Summands, summandsOf } from './summands.ts';

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
 * Returns the metric over the examples with its 95 % interval: a percentile bootstrap that resamples examples
 * (docs/methods.md D.9), Wilson's for a share of the examples. Where all examples have the same value, resampling would give
 * an interval without width; the exact binomial bound takes its place (see `equalValuesBound`) and the note says so.
 * Where there is none, as for what is no mean, there is no interval.
 */
export function estimate<Item>(metric: Metric<Item>, items: readonly Item[], options: ResamplingOptions): Estimate {
	const [found] = estimateAll([metric], items, options);
	return found as Estimate;
}

/** Returns the estimate of every metric over the same examples, which share what is resampled (see `estimate`). */
export function estimateAll<Item>(
	metrics: readonly Metric<Item>[],
	items: readonly Item[],
	options: ResamplingOptions,
): Estimate[] {
	return estimatesOf(
		metrics.map((metric) => measure(summandsOf(metric, items))),
		options,
	);
}

/** Returns the estimates, in order; those over equally many examples share what is resampled (see `estimate`). */
export function estimatesOf(measured: readonly Measured[], options: ResamplingOptions): Estimate[] {
	const open = measured.filter(isResampled);
	const resampled = resampledMetrics(open, options);
	const valuesOf = new Map(zip(open, resampled));
	return measured.map((one) => finished(one, valuesOf.get(one) ?? null));
}

const nothing = { value: null, ci95: null, chance: null };

/** A metric over the examples that have a summand. */
export interface Measured extends MetricTable {
	/** Null where there is none. */
	readonly value: number | null;
	/** Null where there is none, or no value. */
	readonly chance: number | null;
	/** Why there is no value, where examples have one. */
	readonly absent: string | null;
	/** Why items are missing. */
	readonly reasons: readonly string[];
}

/** Returns the metric over the examples at `rows`, each once; over all where left out. `estimatesOf` puts an interval around it. */
export function measure(summands: Summands, rows: Uint32Array | null = null): Measured {
	const { metric } = summands;
	const present = presentRows(summands, rows);
	const columns = { n: present.length, columns: columnsAt(summands.amounts, present) };
	const reasons = reasonsOf(summands, rows);
	const score = present.length === 0 ? { missing: noExample(reasons) } : valueOf(metric, columns);
	return {
		metric,
		columns,
		reasons,
		...(hasValue(score)
			? { value: score.value, chance: chanceOf(summands, present), absent: null }
			: { value: null, chance: null, absent: score.missing }),
	};
}

function reasonsOf({ missing }: Summands, rows: Uint32Array | null): string[] {
	if (missing.length === 0) return [];
	const among = rows === null ? missing : Array.from(rows, (i) => itemAt(missing, i));
	return among.filter((reason) => reason !== null);
}

function isResampled({ metric, columns, value }: Measured): boolean {
	return value !== null && columns.n > 1 && !isPlainShare(metric) && !isConstant(metric, columns);
}

function isPlainShare({ isMean, isShare }: Combined): boolean {
	return isMean && isShare === true;
}

/** True where all examples add the same, and that says how far the metric is known. */
function isConstant({ isMean, isShare }: Combined, { columns }: Columns): boolean {
	if (!isMean && isShare !== true) return false;
	return columns.every((column) => column.every((value) => Math.abs(value - (column[0] as number)) < sameValue));
}

/** Values this close are one, computed in two ways. */
const sameValue = 1e-12;

function finished(measured: Measured, resampled: ResampledMetric | null): Estimate {
	const { metric, value, chance, columns, absent, reasons } = measured;
	const counts = { n: columns.n, missing: reasons.length };
	if (value === null) return { ...nothing, ...counts, note: absent };
	const { ci95, notes } =
		resampled === null
			? closedInterval(metric, columns.n, value)
			: resampledInterval(presentValues(resampled.known, resampled.further), value);
	return {
		value,
		ci95,
		...counts,
		chance,
		note: noteOf([...notes, missingNote(reasons)]),
	};
}

interface Found {
	readonly ci95: Interval | null;
	readonly notes: readonly (string | null)[];
}

function closedInterval(metric: Combined, n: number, value: number): Found {
	if (isPlainShare(metric)) return { ci95: wilsonInterval(Math.round(value * n), n), notes: [] };
	if (n === 1) return { ci95: null, notes: ['one example: no interval'] };
	const exact = equalValuesBound(value, n, metric.declaration.range);
	const same = `all ${n} examples have the same value`;
	if (exact === null)
		return { ci95: null, notes: [`${same}: no interval, as there are no bounds to what others could have`] };
	return { ci95: exact, notes: [`${same}: exact binomial bound`] };
}

function resampledInterval(resampled: ReturnType<typeof presentValues>, value: number): Found {
	const { ci95, note } = intervalOf(resampled, value);
	if (ci95 !== null && ci95[1] - ci95[0] < sameValue) {
		return { ci95: null, notes: [note, 'all resamples are alike: no interval'] };
	}
	return { ci95, notes: [note] };
}

function chanceOf({ metric, expected, withoutChance }: Summands, present: Uint32Array): number | null {
	if (withoutChance.size > 0 && present.some((i) => withoutChance.has(i))) return null;
	const score = valueOf(metric, { n: present.length, columns: columnsAt(expected, present) });
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

/** Whether a metric tells true rationales from wrong ones, where the truth is known. */
import { InternalError } from '../core/errors.ts';
import { itemAt, present, widthOf } from '../core/present.ts';
import { hasValue, missing, type Score, scored } from '../core/score.ts';
import { type Metric, resampledMetric } from './metric.ts';
import { bootstrap, everyExample, type Interval, type ResamplingOptions } from './statistics/bootstrap.ts';
import type { Resample } from './statistics/resample.ts';
import { kendallTauB } from './statistics/kendall.ts';
import { mean } from './statistics/mean.ts';
import { equalValuesBound } from './statistics/proportion.ts';

/** One method's rationales of the same examples, in the same order: as the metric sees them, and how true they are. */
export interface JudgedMethod<Item> {
	readonly items: readonly Item[];
	/** Higher is truer; missing where the truth is not known. */
	readonly truth: readonly Score[];
}

/** A number about the methods, with what a reader needs to judge it. */
export interface Judgement {
	/** Null where there is none: `note` says why. */
	readonly value: number | null;
	/** 95 %, over the choice of examples. */
	readonly ci95: Interval | null;
	/** Methods that count: those with a value. */
	readonly methods: number;
	/** Examples on which all of them have a value. */
	readonly n: number;
	readonly missing: number;
	readonly note: string | null;
}

/**
 * Returns Kendall's tau-b between the methods' values of the metric and their mean truth: 1 where the metric puts the
 * methods in the true order, -1 in the opposite one. A metric whose lower values are better is turned round. The
 * interval resamples examples, values and truth together.
 */
export function orderAgreement<Item>(
	metric: Metric<Item>,
	methods: readonly JudgedMethod<Item>[],
	options: ResamplingOptions,
): Judgement {
	const { tables, counts } = tablesOf(metric, methods);
	if (tables.length < 2) return { ...counts, ...nothing, note: 'fewer than two methods have a value' };
	if (counts.n === 0) return { ...counts, ...nothing, note: 'no example has a value for all methods' };
	const sign = metric.declaration.better === 'lower' ? -1 : 1;
	const statistics = tables.map(({ rows, truth }) => ({
		value: resampledMetric(metric, rows),
		truth: meanOf(truth),
	}));
	return { ...counts, ...judged(counts.n, (indexes) => tauOf(statistics, sign, indexes), options) };
}

/**
 * Returns how often the metric prefers the truer of two rationales of one example, over the pairs of methods whose truth
 * differs there: 1 always, 0.5 as by tossing a coin; equal values count half. Examples without such a pair are left out.
 * Throws `InternalError` for a metric that is not a mean over examples.
 */
export function pairwiseAccuracy<Item>(
	metric: Metric<Item>,
	methods: readonly JudgedMethod<Item>[],
	options: ResamplingOptions,
): Judgement {
	if (!metric.isMean) throw new InternalError(`${metric.declaration.id} has no value per example`);
	const { tables, counts } = tablesOf(metric, methods);
	if (tables.length < 2) return { ...counts, ...nothing, note: 'fewer than two methods have a value' };
	const sign = metric.declaration.better === 'lower' ? -1 : 1;
	const shares = Array.from({ length: counts.n }, (_, example) =>
		preferredShare(
			tables.map(({ rows, truth }) => ({
				value: sign * itemAt(itemAt(rows, example), 0),
				truth: itemAt(truth, example),
			})),
		),
	).filter((share) => share !== null);
	const found = { ...counts, n: shares.length, missing: counts.missing + counts.n - shares.length };
	if (shares.length === 0) return { ...found, ...nothing, note: 'no example has rationales to tell apart' };
	return { ...found, ...(alike(shares) ?? judged(shares.length, meanOf(Float64Array.from(shares)), options)) };
}

/** Returns what resampling cannot tell: how far the mean of shares that are all the same is known. Null where they differ. */
function alike(shares: readonly number[]): Pick<Judgement, 'value' | 'ci95' | 'note'> | null {
	const [value] = shares;
	if (value === undefined || shares.length < 2 || shares.some((share) => share !== value)) return null;
	const note = `all ${shares.length} examples have the same value: exact binomial bound`;
	return { value, ci95: equalValuesBound(value, shares.length, [0, 1]), note };
}

const nothing = { value: null, ci95: null };

interface Table {
	/** What each example adds to the metric. */
	readonly rows: readonly (readonly number[])[];
	readonly truth: Float64Array;
}

/** Leaves out methods without any value, then examples on which any other method has none. */
function tablesOf<Item>(metric: Metric<Item>, methods: readonly JudgedMethod<Item>[]) {
	const all = methods.map(({ items, truth }) =>
		items.map((item, i) => {
			const [summand, truthOf] = [metric.summand(item), truth[i]];
			if ('missing' in summand || truthOf === undefined || !hasValue(truthOf)) return null;
			return { row: summand.amounts, truth: truthOf.value };
		}),
	);
	const able = all.filter((examples) => examples.some((example) => example !== null));
	const total = widthOf(methods.map(({ items }) => items));
	const shared = Array.from({ length: total }, (_, i) => i).filter((i) =>
		able.every((examples) => examples[i] != null),
	);
	const tables = able.map((examples): Table => {
		const kept = shared.map((i) => present(examples[i], 'value of a shared example'));
		return { rows: kept.map(({ row }) => row), truth: Float64Array.from(kept, ({ truth }) => truth) };
	});
	return { tables, counts: { methods: able.length, n: shared.length, missing: total - shared.length } };
}

function meanOf(values: Float64Array): (indexes: Resample) => Score {
	return (indexes) => {
		let sum = 0;
		for (let i = 0; i < indexes.length; i++) sum += values[indexes[i] as number] as number;
		return scored(sum / indexes.length);
	};
}

interface Statistic {
	readonly value: (indexes: Resample) => Score;
	readonly truth: (indexes: Resample) => Score;
}

function tauOf(statistics: readonly Statistic[], sign: number, indexes: Resample): Score {
	const pairs = statistics.map(({ value, truth }) => ({ value: value(indexes), truth: truth(indexes) }));
	const lost = pairs.find(({ value }) => !hasValue(value))?.value ?? null;
	if (lost !== null && 'missing' in lost) return missing(lost.missing);
	const numbers = (key: keyof Statistic): number[] =>
		pairs.map((pair) => rounded(hasValue(pair[key]) ? pair[key].value : NaN));
	return kendallTauB(
		numbers('value').map((value) => sign * value),
		numbers('truth'),
	);
}

/** Sums of the same numbers in another order are the same value. */
function rounded(value: number): number {
	return Math.round(value * 1e12) / 1e12;
}

function judged(n: number, statistic: (indexes: Resample) => Score, options: ResamplingOptions) {
	const score = statistic(everyExample(n));
	if (!hasValue(score)) return { ...nothing, note: score.missing };
	const { ci95, note } = bootstrap(n, statistic, options);
	if (ci95 === null || ci95[1] > ci95[0]) return { value: score.value, ci95, note };
	return { value: score.value, ci95: null, note: 'all resamples are alike: no interval' };
}

/** Returns the share of pairs of different truth in which the truer one has the larger value, equal ones half. */
function preferredShare(values: readonly { readonly value: number; readonly truth: number }[]): number | null {
	const shares = values.flatMap((first, i) =>
		values.slice(i + 1).flatMap((second) => {
			const truer = first.truth - second.truth;
			if (Math.abs(truer) < 1e-12) return [];
			const larger = first.value - second.value;
			return [Math.abs(larger) < 1e-12 ? 0.5 : Number(larger > 0 === truer > 0)];
		}),
	);
	const share = mean(shares);
	return hasValue(share) ? share.value : null;
}

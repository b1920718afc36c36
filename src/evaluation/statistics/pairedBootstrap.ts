import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import {
	everyExample,
	type Interval,
	percentileInterval,
	type Resample,
	resampledValues,
	type ResamplingOptions,
} from './bootstrap.ts';

/** The difference of two statistics on the same examples. */
export interface PairedDifference {
	readonly difference: Score;
	readonly ci95: Interval | null;
	/** Two-sided; null where there is no interval. */
	readonly p: number | null;
	readonly degenerate: number;
}

/**
 * Returns `first - second` with a paired percentile bootstrap: both statistics see the same resample (docs/methods.md D.9).
 * `p = 2 min((1 + #{d* <= 0}) / (1 + B), (1 + #{d* >= 0}) / (1 + B))`, at most 1.
 */
export function pairedBootstrap(
	n: number,
	first: (indexes: Resample) => Score,
	second: (indexes: Resample) => Score,
	options: ResamplingOptions,
): PairedDifference {
	const statistic = (indexes: Resample): Score => difference(first(indexes), second(indexes));
	const observed = statistic(everyExample(n));
	if (n < 2 || !hasValue(observed)) return { difference: observed, ci95: null, p: null, degenerate: 0 };
	const { values, degenerate } = resampledValues(n, statistic, options);
	if (values === null) return { difference: observed, ci95: null, p: null, degenerate };
	return {
		difference: observed,
		ci95: percentileInterval(values, observed.value),
		p: twoSided(values),
		degenerate,
	};
}

/** Returns `first - second`; missing where either is. */
export function difference(first: Score, second: Score): Score {
	if (!hasValue(first)) return missing(`first: ${first.missing}`);
	if (!hasValue(second)) return missing(`second: ${second.missing}`);
	return scored(first.value - second.value);
}

function twoSided(values: Float64Array): number {
	let [notAbove, notBelow] = [0, 0];
	for (const value of values) {
		if (value <= 0) notAbove++;
		if (value >= 0) notBelow++;
	}
	return Math.min(1, (2 * (1 + Math.min(notAbove, notBelow))) / (1 + values.length));
}

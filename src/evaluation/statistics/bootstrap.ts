import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { hasValue, type Score } from '../../core/score.ts';

/** Lower and upper end. */
export type Interval = readonly [number, number];

/** Example numbers drawn with replacement; reused from draw to draw, so a statistic must not keep it. */
export type Resample = Uint32Array;

export interface ResamplingOptions {
	/** The same seed gives the same draws for every statistic over the same number of examples. */
	readonly seed: number | string;
	/** Draws; 1,000 when left out, 10,000 for tables in print (docs/methods.md D.9). */
	readonly resamples?: number;
}

export interface Bootstrap {
	/** Null with fewer than two examples, or when more than half of the resamples have no value. */
	readonly ci95: Interval | null;
	/** Resamples without a value; each was drawn again. */
	readonly degenerate: number;
	readonly note: string | null;
}

/**
 * Returns the 95 % percentile interval of a statistic over resamples of `n` examples (Efron 1979). Statistics that
 * resampling pushes to one side (entropy, a maximum) can leave their own value outside that interval; it is widened to
 * hold it. Resamples without a value are drawn again and counted (docs/methods.md D.9).
 */
export function bootstrap(n: number, statistic: (indexes: Resample) => Score, options: ResamplingOptions): Bootstrap {
	const observed = statistic(everyExample(n));
	if (n < 2 || !hasValue(observed)) return { ci95: null, degenerate: 0, note: tooFew(n) };
	const { values, degenerate } = resampledValues(n, statistic, options);
	if (values === null) {
		return { ci95: null, degenerate, note: 'no interval: more than half of the resamples have no value' };
	}
	const note = degenerate === 0 ? null : `${degenerate} resamples had no value and were drawn again`;
	return { ci95: percentileInterval(values, observed.value), degenerate, note };
}

/** Returns the resample that is the examples themselves. */
export function everyExample(n: number): Resample {
	return Uint32Array.from({ length: n }, (_, index) => index);
}

/** Returns the statistic on `resamples` resamples that have a value; null when more than half of the draws have none. */
export function resampledValues(
	n: number,
	statistic: (indexes: Resample) => Score,
	options: ResamplingOptions,
): { values: Float64Array | null; degenerate: number } {
	const resamples = resamplesOf(options);
	const random = seededRandom(options.seed, 'bootstrap');
	const values = new Float64Array(resamples);
	const indexes = new Uint32Array(n);
	let [filled, degenerate] = [0, 0];
	while (filled < resamples) {
		for (let i = 0; i < n; i++) indexes[i] = random.integer(n);
		const score = statistic(indexes);
		if (hasValue(score)) values[filled++] = score.value;
		else if (++degenerate > resamples) return { values: null, degenerate };
	}
	return { values, degenerate };
}

/** Returns the number of draws asked for. Throws `InternalError` unless it is a positive integer. */
export function resamplesOf({ resamples = 1000 }: ResamplingOptions): number {
	if (!Number.isInteger(resamples) || resamples < 1) throw new InternalError(`${resamples} resamples`);
	return resamples;
}

/** Returns the 2.5 and 97.5 % points of the values, widened to hold `observed`. */
export function percentileInterval(values: Float64Array, observed: number): Interval {
	const sorted = values.toSorted();
	return [Math.min(quantile(sorted, 0.025), observed), Math.max(quantile(sorted, 0.975), observed)];
}

/** Returns a quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996, NumPy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
	const position = share * (sorted.length - 1);
	const below = sorted[Math.floor(position)] ?? NaN;
	const above = sorted[Math.ceil(position)] ?? NaN;
	return below === above ? below : below + (above - below) * (position - Math.floor(position));
}

function tooFew(n: number): string {
	return n === 0 ? 'no examples' : n === 1 ? 'one example: no interval' : 'no value';
}

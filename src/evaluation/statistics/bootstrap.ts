import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { hasValue, type Score } from '../../core/score.ts';
import { endsOf } from './quantiles.ts';
import type { Resample } from './resample.ts';
import type { SharedSums } from './sharedSums.ts';

/** Lower and upper end. */
export type Interval = readonly [number, number];

export interface ResamplingOptions {
	/** The same seed gives the same draws for every statistic over the same number of examples. */
	readonly seed: number | string;
	/** Draws; 1,000 when left out, 10,000 for tables in print (docs/methods.md D.9). */
	readonly resamples?: number;
	/** Resamples drawn before, by `sharedDraws`; drawn anew for every statistic when left out. */
	readonly draws?: SharedDraws;
	/** Sums over resamples that were worked out before, by `sharedSums`; added up anew for every statistic when left out. */
	readonly sums?: SharedSums;
}

/** Returns the resamples of `n` examples for a seed, by number: the k-th one is the same whoever asks. */
export type SharedDraws = (seed: number | string, n: number) => (k: number) => Resample;

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
	const draw = drawsOf(options, n);
	const valueAt = (k: number): number => {
		const score = statistic(draw(k));
		return hasValue(score) ? score.value : NaN;
	};
	const known = Float64Array.from({ length: resamplesOf(options) }, (_, k) => valueAt(k));
	return intervalOf(presentValues(known, valueAt), observed.value);
}

/** Values of a statistic over resamples, and how many resamples had none. */
export interface ResampledValues {
	/** Null when more than half of the draws have no value. */
	readonly values: Float64Array | null;
	readonly degenerate: number;
}

/**
 * Returns as many values as there are resamples, those without one left out and further ones in their place. `known` are the
 * values on the first resamples, NaN where there is none; `further` gives the others, and is asked in order.
 */
export function presentValues(known: Float64Array, further: (k: number) => number): ResampledValues {
	if (isWhole(known)) return { values: known, degenerate: 0 };
	const values = new Float64Array(known.length);
	let filled = 0;
	let degenerate = 0;
	while (filled < values.length) {
		const k = filled + degenerate;
		const value = k < known.length ? (known[k] as number) : further(k);
		if (!Number.isNaN(value)) values[filled++] = value;
		else if (++degenerate > values.length) return { values: null, degenerate };
	}
	return { values, degenerate };
}

function isWhole(values: Float64Array): boolean {
	for (let k = 0; k < values.length; k++) if (Number.isNaN(values[k])) return false;
	return true;
}

/** Returns the percentile interval of the values, with what is to be said about it. */
export function intervalOf({ values, degenerate }: ResampledValues, observed: number): Bootstrap {
	if (values === null) {
		return { ci95: null, degenerate, note: 'no interval: more than half of the resamples have no value' };
	}
	const note = degenerate === 0 ? null : `${degenerate} resamples had no value and were drawn again`;
	return { ci95: percentileInterval(values, observed), degenerate, note };
}

/** Returns the resample that is the examples themselves. */
export function everyExample(n: number): Resample {
	const indexes = new Uint32Array(n);
	for (let i = 0; i < n; i++) indexes[i] = i;
	return indexes;
}

/** Returns the draws of the options over `n` examples, to be asked for in order. */
export function drawsOf({ draws, seed }: ResamplingOptions, n: number): (k: number) => Resample {
	return (draws ?? freshDraws)(seed, n);
}

/** Draws into one array, so that only the last resample is held; they must be asked for in order. */
function freshDraws(seed: number | string, n: number): (k: number) => Resample {
	const random = seededRandom(seed, 'bootstrap');
	const indexes = new Uint32Array(n);
	return () => {
		for (let i = 0; i < n; i++) indexes[i] = random.integer(n);
		return indexes;
	};
}

/** Example numbers that shared draws hold before the oldest are dropped, 4 bytes each. */
const heldNumbers = 16_000_000;

/** Of more examples than these, draws are not held at all. */
const largestShared = 20_000;

/**
 * Returns draws that are kept for the next statistic over the same number of examples, which is most of the work where
 * many metrics are estimated. They are those of `freshDraws`; the oldest are dropped where they take over 64 MB.
 */
export function sharedDraws(): SharedDraws {
	const kept = new Map<string, { resamples: Uint32Array[]; next: (k: number) => Resample; n: number }>();
	const heldBy = (): number => [...kept.values()].reduce((sum, { resamples, n }) => sum + resamples.length * n, 0);
	return (seed, n) => {
		const key = JSON.stringify([seed, n]);
		if (n > largestShared) return freshDraws(seed, n);
		const own = kept.get(key) ?? { resamples: [], next: freshDraws(seed, n), n };
		kept.delete(key);
		for (const oldest of kept.keys()) {
			if (heldBy() <= heldNumbers) break;
			kept.delete(oldest);
		}
		kept.set(key, own);
		return (k) => {
			while (own.resamples.length <= k) own.resamples.push(own.next(own.resamples.length).slice());
			return own.resamples[k] as Uint32Array;
		};
	};
}

/** Returns the number of draws asked for. Throws `InternalError` unless it is a positive integer. */
export function resamplesOf({ resamples = 1000 }: ResamplingOptions): number {
	if (!Number.isInteger(resamples) || resamples < 1) throw new InternalError(`${resamples} resamples`);
	return resamples;
}

/** Returns the 2.5 and 97.5 % points of the values, widened to hold `observed`. */
function percentileInterval(values: Float64Array, observed: number): Interval {
	const [low, high] = endsOf(values, 0.025);
	return [Math.min(low, observed), Math.max(high, observed)];
}

function tooFew(n: number): string {
	return n === 0 ? 'no examples' : n === 1 ? 'one example: no interval' : 'no value';
}

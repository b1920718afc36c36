import { type Estimate, estimate } from '../estimate.ts';
import type { ResamplingOptions } from '../statistics/bootstrap.ts';
import { flipRate } from './flipRate.ts';

/** One example's predicted labels with its best words masked, share by share. */
export interface CurvedExample {
	readonly prediction: string;
	/** Null where the method gives no scores. */
	readonly curve: readonly { readonly share: number; readonly label: string }[] | null;
}

export interface FlipCurvePoint extends Estimate {
	/** Share of the words that are masked, 0..1. */
	readonly share: number;
}

/**
 * Returns the flip rate at every share that occurs, by rising share (docs/methods.md E.6 with the value 1[changed]); an
 * example without a label at a share is missing there.
 */
export function flipCurve(examples: readonly CurvedExample[], options: ResamplingOptions): FlipCurvePoint[] {
	const shares = new Set(examples.flatMap(({ curve }) => (curve ?? []).map((point) => point.share)));
	return [...shares]
		.toSorted((a, b) => a - b)
		.map((share) => {
			const masked = examples.map(({ prediction, curve }) => ({
				gold: null,
				prediction,
				masked: curve?.find((point) => point.share === share)?.label ?? null,
				control: [],
			}));
			return { share, ...estimate(flipRate, masked, options) };
		});
}

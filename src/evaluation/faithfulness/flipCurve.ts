import type { MetricDeclaration } from '../../core/declarations.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { type Estimate, estimateAll } from '../estimate.ts';
import { meanMetric, type Metric, noChance } from '../metric.ts';
import type { ResamplingOptions } from '../statistics/bootstrap.ts';

/** Predicted labels with a share of the words masked. */
export type MaskedCurve = readonly { readonly share: number; readonly label: string }[];

/** One example's predicted labels with its best words masked, share by share. */
export interface CurvedExample {
	readonly prediction: string;
	/** Null where the method gives no scores. */
	readonly curve: MaskedCurve | null;
	/** The same with words in random order; null where nobody asked. */
	readonly random: MaskedCurve | null;
}

export interface FlipCurvePoint extends Estimate {
	/** Share of the words that are masked, 0..1. */
	readonly share: number;
}

export const flipCurveDeclaration: MetricDeclaration = {
	id: 'flip_curve',
	title: 'Flip rate with a share of the words masked, best words first',
	family: 'faithfulness',
	range: [0, 1],
	better: 'higher',
	needs: 'masking',
	judges: 'scores',
	source: 'docs/methods.md E.6 with the value 1[changed]: most relevant first (Samek et al. 2017)',
};

/**
 * Returns the flip rate at every share that occurs, by rising share (docs/methods.md E.6 with the value 1[changed]); by chance
 * that of as many words in random order. An example without a label at a share is missing there.
 */
export function flipCurve(examples: readonly CurvedExample[], options: ResamplingOptions): FlipCurvePoint[] {
	const occurring = examples.flatMap(({ curve }) => (curve ?? []).map(({ share }) => share));
	const shares = [...new Set(occurring)].toSorted((a, b) => a - b);
	const found = estimateAll(shares.map(flipRateAt), examples, options);
	return found.map((estimate, i) => ({ share: shares[i] as number, ...estimate }));
}

function flipRateAt(share: number): Metric<CurvedExample> {
	return meanMetric(
		flipCurveDeclaration,
		({ prediction, curve }) => (curve === null ? missing('no scores') : flipAt(share, prediction, curve)),
		({ prediction, random }) => (random === null ? noChance() : flipAt(share, prediction, random)),
	);
}

function flipAt(share: number, prediction: string, curve: MaskedCurve): Score {
	const point = curve.find((own) => own.share === share);
	if (point === undefined) return missing(`no prediction with ${share} of the words masked`);
	return scored(point.label === prediction ? 0 : 1);
}

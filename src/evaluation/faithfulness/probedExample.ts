import { missing, type Score, scored } from '../../core/score.ts';
import type { Bounds } from './beamBounds.ts';
import type { SoftlyMasked } from './softVariant.ts';

/** What the model answers with the best `share` of the words masked, or with only these kept. */
export interface ProbedPoint {
	/** Share of the words, 0..1. */
	readonly share: number;
	readonly label: string;
	/** Of the label predicted on the full text. */
	readonly probability: number;
}

/**
 * One example's probabilities of the label predicted on its full text (docs/methods.md E.1), renormalised over the
 * labels, under one masking.
 */
export interface ProbedExample {
	readonly prediction: string;
	/** m(x): on the full text. */
	readonly full: number;
	/** m of the text with every word masked; null where it was not asked for. */
	readonly empty: number | null;
	/** With the rationale masked; null where there is no rationale. */
	readonly masked: number | null;
	/** With all other words masked. */
	readonly kept: number | null;
	/** Probability of all labels together in the whole vocabulary, in the same three cases; null where unknown. */
	readonly mass: { readonly full: number | null; readonly masked: number | null; readonly kept: number | null };
	/** With as many random words masked, one per draw. */
	readonly control: readonly number[];
	/** By rising share; null where the method gives no scores. */
	readonly maskedCurve: readonly ProbedPoint[] | null;
	readonly keptCurve: readonly ProbedPoint[] | null;
	/** Kendall's tau-b of the scores with what masking each word alone takes from m. */
	readonly tauLoo: Score;
	/** Limits of the mean drop over ERASER's bins for any order of the words; null where they were not searched for. */
	readonly bounds: { readonly masked: Bounds; readonly kept: Bounds } | null;
	/** With dimensions of the embeddings dropped, by the scores. */
	readonly soft: SoftlyMasked | { readonly missing: string };
}

/** Shares of ERASER's AOPC (DeYoung et al. 2020). */
export const eraserBins: readonly number[] = [0.01, 0.05, 0.1, 0.2, 0.5];

/** Returns the probability at a share; missing where the curve has no such point. */
export function probabilityAt(curve: readonly ProbedPoint[] | null, share: number): Score {
	if (curve === null) return missing('no scores');
	const point = curve.find((candidate) => candidate.share === share);
	return point === undefined ? missing(`no prediction with ${share} of the words`) : scored(point.probability);
}

/** Returns the probability of the rationale's variant; missing where there is none. */
export function probabilityOf(probability: number | null): Score {
	return probability === null ? missing('no rationale') : scored(probability);
}

/**
 * Soft masking (Zhao & Aletras 2023): each dimension of a token's embedding is kept with a probability that follows its
 * score. Only the transforms; masking embeddings is the engine's.
 */
import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';

/** Returns `(s - min) / (max - min)` per token; missing where all scores are equal. */
export function minMaxScaled(scores: readonly number[]): readonly number[] | { readonly missing: string } {
	const [low, high] = [Math.min(...scores), Math.max(...scores)];
	return high > low ? scores.map((score) => (score - low) / (high - low)) : { missing: 'all scores are equal' };
}

/** Which probabilities keep a token's dimensions. */
export interface Retention {
	/** Per token, 0..1. */
	readonly keep: readonly number[];
	/** True where no power of the scores has the mean asked for and they were shifted and clipped instead. */
	readonly clipped: boolean;
}

/**
 * Returns keep probabilities with mean `pi` that rise with the scores `a` (0..1): `a^gamma`, gamma > 0 by bisection, or
 * where too many are exactly 0 or 1 `clip(a + mu, 0, 1)`. Comparing methods at one pi takes out how much text their
 * scores keep (the property stated by Huang & Chan 2026, arXiv 2601.03089; the transform is ours, docs/methods.md E.8).
 */
export function retentionAt(pi: number, a: readonly number[]): Retention {
	const share = (test: (value: number) => boolean): number => a.filter(test).length / a.length;
	if (share((value) => value === 1) < pi && pi < share((value) => value > 0)) {
		const powers = (logGamma: number): number[] => a.map((value) => value ** Math.exp(logGamma));
		return { keep: powers(bisect((x) => -average(powers(x)), -pi, -40, 40)), clipped: false };
	}
	const shifted = (mu: number): number[] => a.map((value) => Math.min(1, Math.max(0, value + mu)));
	return { keep: shifted(bisect((mu) => average(shifted(mu)), pi, -1, 1)), clipped: true };
}

/** Probabilities of the label predicted on the full text. */
export interface SoftProbabilities {
	readonly full: number;
	/** With every word masked. */
	readonly empty: number;
	/** With dimensions drawn, one per draw. */
	readonly draws: readonly number[];
}

/**
 * Returns Soft-NC, the mean over draws of `clip(max(0, m(x) - m(x')) / (m(x) - m(empty)), 0, 1)`, 0..1, higher is better,
 * where x' keeps a dimension with probability 1 - a. Missing where masking every word takes nothing from m (Zhao & Aletras
 * 2023, without its epsilons).
 */
export function softNormalisedComprehensiveness(probabilities: SoftProbabilities): Score {
	return overDraws(probabilities, (share) => share);
}

/** Returns Soft-NS, `1 - ` the same share where x' keeps a dimension with probability a; 0..1, higher is better. */
export function softNormalisedSufficiency(probabilities: SoftProbabilities): Score {
	return overDraws(probabilities, (share) => 1 - share);
}

function overDraws({ full, empty, draws }: SoftProbabilities, value: (share: number) => number): Score {
	if (full <= empty) return missing('masking every word does not lower the probability');
	return mean(draws.map((drawn) => value(Math.min(1, Math.max(0, full - drawn) / (full - empty)))));
}

/** Returns the trapezoid area over pi divided by the range of pi; missing where a score is, or with one pi. */
export function areaOverPi(points: readonly { readonly pi: number; readonly score: Score }[]): Score {
	const sorted = points.toSorted((a, b) => a.pi - b.pi);
	const all = sorted.map(({ pi }) => pi);
	const range = Math.max(...all) - Math.min(...all);
	if (!(range > 0)) return missing('fewer than two values of pi');
	let area = 0;
	for (const [i, { pi, score }] of sorted.entries()) {
		if (!hasValue(score)) return score;
		const before = sorted[i - 1];
		if (before !== undefined && hasValue(before.score))
			area += ((pi - before.pi) * (score.value + before.score.value)) / 2;
	}
	return scored(area / range);
}

function average(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns x with `rising(x) = wanted`. */
function bisect(rising: (x: number) => number, wanted: number, from: number, to: number): number {
	let [low, high] = [from, to];
	for (let step = 0; step < 80; step++) {
		const middle = (low + high) / 2;
		if (rising(middle) < wanted) low = middle;
		else high = middle;
	}
	return (low + high) / 2;
}

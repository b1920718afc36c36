/** What a measure reads: the answers about one example's masked texts, by name. Letter: W words. */
import { missing, type Missing, type Score, scored } from '../../core/score.ts';
import type { MaskedText, SingleText, TextSeries } from './maskedText.ts';
import type { SoftlyMasked } from './softVariant.ts';

/** What a model says of one masked text. */
export interface MaskedAnswer {
	readonly label: string;
	/** By label, renormalised to sum 1; none where the model only says the label. */
	readonly probabilities: Readonly<Record<string, number>>;
	/** Probability of all labels together in the whole vocabulary; null where the model gives none. */
	readonly mass: number | null;
}

/** What a model says of a series of them; null where it gave no answer, or there was nothing to ask. */
export interface MaskedAnswerSeries {
	readonly labels: readonly (string | null)[];
	/** Of the label predicted on the full text. */
	readonly probabilities: readonly (number | null)[];
}

/** By name of the masked text. */
export type MaskedAnswers = Readonly<Record<string, MaskedAnswer | MaskedAnswerSeries>>;

/** What searches over masked texts found, by name of the search. */
export type SearchResults = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * One example with the answers about it under one masking. m is the probability of the label predicted on the full text,
 * renormalised over the labels (docs/methods.md E.1).
 */
export interface MaskedProbabilities {
	readonly prediction: string;
	/** m(x): on the full text; NaN where the model gives no probabilities. */
	readonly full: number;
	/** Probability of all labels together in the whole vocabulary on the full text; null where unknown. */
	readonly mass: number | null;
	/** A score per word [W]; null where the method gives none. */
	readonly scores: readonly (number | null)[] | null;
	readonly answers: MaskedAnswers;
	readonly searches: SearchResults;
	/** With dimensions of the embeddings dropped, by the scores. */
	readonly soft: SoftlyMasked | Missing;
	/** Why there is no answer where there is none; left out where each text has its own reason. */
	readonly unanswered?: string;
}

/** A point of a curve over shares of the words, best first. */
export interface CurvePoint {
	/** Share of the words, 0..1. */
	readonly share: number;
	readonly label: string;
	/** m; NaN where the model gives no probabilities. */
	readonly probability: number;
}

/** Shares of ERASER's AOPC (DeYoung et al. 2020). */
export const eraserBins: readonly number[] = [0.01, 0.05, 0.1, 0.2, 0.5];

/** Returns the answer about a masked text, null where there is none. */
export function answerTo({ answers }: Pick<MaskedProbabilities, 'answers'>, { name }: SingleText): MaskedAnswer | null {
	const found = answers[name];
	return found === undefined || 'labels' in found ? null : found;
}

/** Returns the answers about a series of masked texts, null where there are none. */
export function answersTo({ answers }: MaskedProbabilities, { name }: TextSeries): MaskedAnswerSeries | null {
	const found = answers[name];
	return found !== undefined && 'labels' in found ? found : null;
}

/** Returns m of a masked text; missing where it was not answered, or without probabilities. */
export function probabilityOf(example: MaskedProbabilities, text: SingleText): Score {
	const answer = answerTo(example, text);
	if (answer === null) return unanswered(example, text);
	const probability = answer.probabilities[example.prediction];
	return probability === undefined ? missing('the model gives no probabilities') : scored(probability);
}

/** Returns that a masked text has no answer, with the reason. */
export function unanswered({ unanswered: reason, scores }: MaskedProbabilities, text: MaskedText): Score {
	return missing(reason ?? (text.askedOf === 'scores' && scores === null ? 'no scores' : text.absent));
}

/** Returns the points of a curve that were answered, in the order of the shares; null where the method gives no scores. */
export function curveOf(
	example: MaskedProbabilities,
	shares: readonly number[],
	textAt: (share: number) => SingleText,
): CurvePoint[] | null {
	if (example.scores === null) return null;
	return shares.flatMap((share) => {
		const answer = answerTo(example, textAt(share));
		if (answer === null) return [];
		return [{ share, label: answer.label, probability: answer.probabilities[example.prediction] ?? NaN }];
	});
}

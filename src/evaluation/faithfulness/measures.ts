/** What a study can ask about faithfulness; a new measure is its file, its test and its line here. */
import type { Metric } from '../metric.ts';
import { comprehensivenessMeasure } from './comprehensiveness.ts';
import { deletionMeasure, insertionMeasure } from './curveAreas.ts';
import { logOddsMeasure } from './logOdds.ts';
import type { MaskedProbabilities } from './maskedProbabilities.ts';
import type { MaskedText } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';
import { naopcMeasure } from './naopc.ts';
import { smallestFlippingShareMeasure } from './smallestFlippingShare.ts';
import { piSoftNcMeasure, piSoftNsMeasure, softNcMeasure, softNsMeasure } from './softMeasures.ts';
import { sufficiencyMeasure } from './sufficiency.ts';
import { tauLooMeasure } from './tauLoo.ts';

/** All measures on probabilities by id. */
export const probabilityMeasures = {
	comprehensiveness: comprehensivenessMeasure,
	sufficiency: sufficiencyMeasure,
	log_odds: logOddsMeasure,
	deletion_auc: deletionMeasure,
	insertion_auc: insertionMeasure,
	smallest_flipping_share: smallestFlippingShareMeasure,
	naopc: naopcMeasure,
	tau_loo: tauLooMeasure,
	soft_nc: softNcMeasure,
	soft_ns: softNsMeasure,
	pi_soft_nc: piSoftNcMeasure,
	pi_soft_ns: piSoftNsMeasure,
} as const satisfies Readonly<Record<string, FaithfulnessMeasure>>;

export type ProbabilityMeasureId = keyof typeof probabilityMeasures;

/** `flip_rate` needs labels only. */
export type MeasureId = 'flip_rate' | ProbabilityMeasureId;

export const measureIds = ['flip_rate', ...Object.keys(probabilityMeasures)] as readonly MeasureId[];

/** Returns the measures on probabilities among the ids, in the order of the record whatever the order of the ids. */
export function probabilityMeasuresOf(ids: readonly MeasureId[]): FaithfulnessMeasure[] {
	return Object.entries(probabilityMeasures).flatMap(([id, measure]) =>
		ids.some((known) => known === id) ? [measure] : [],
	);
}

/** Returns the masked texts that measures need, each name once, in the order in which they are asked. */
export function maskedTextsOf(measures: readonly FaithfulnessMeasure[]): MaskedText[] {
	const byName = new Map(measures.flatMap(({ texts }) => texts).map((text) => [text.name, text]));
	return [...byName.values()].toSorted((a, b) => a.order - b.order);
}

/** Stands where others name a masking: the metrics that mask embeddings are the same under all of the study's. */
export const embeddingMasking = 'embeddings';

/** Returns the ids under which figures stand: the study's maskings, and that of the embeddings where it is asked for. */
export function maskingsUnder(maskings: readonly string[], ids: readonly MeasureId[]): string[] {
	return probabilityMeasuresOf(ids).some(isSoft) ? [...maskings, embeddingMasking] : [...maskings];
}

/** Returns the metrics on probabilities of the chosen words, or of the scores, under a masking. */
export function probabilityMetrics(
	ids: readonly MeasureId[],
	masking: string,
	of: 'chosen' | 'scores',
): Metric<MaskedProbabilities>[] {
	return probabilityMeasuresOf(ids)
		.filter((measure) => isSoft(measure) === (masking === embeddingMasking))
		.flatMap(({ metrics }) => metrics.filter(({ declaration }) => declaration.judges === of));
}

function isSoft({ soft = [] }: FaithfulnessMeasure): boolean {
	return soft.length > 0;
}

/** What a study can ask about faithfulness, with the predictions each question takes. */
import type { Metric } from '../metric.ts';
import {
	comprehensiveness,
	comprehensivenessAopc,
	comprehensivenessNormalised,
	comprehensivenessVocabulary,
} from './comprehensiveness.ts';
import { curveShares, deletionAuc, insertionAuc } from './curveAreas.ts';
import { logOdds, logOddsShare } from './logOdds.ts';
import { allMasked, bestKept, bestMasked, chosenKept, type MaskedText, oneWord } from './maskedText.ts';
import { comprehensivenessNaopc, sufficiencyNaopc } from './naopc.ts';
import { eraserBins, type ProbedExample } from './probedExample.ts';
import { piSoftNc, piSoftNs, softNc, softNs, variantsOf } from './softMeasures.ts';
import { flippingShares, smallestFlippingShare } from './smallestFlippingShare.ts';
import { sufficiency, sufficiencyAopc, sufficiencyNormalised, sufficiencyVocabulary } from './sufficiency.ts';
import { tauLoo } from './tauLoo.ts';
import type { SoftVariant } from './softVariant.ts';

/** A measure on probabilities; every text it needs is one more prediction per example, method and masking. */
export interface ProbabilityMeasure {
	/** Shares of the words that are masked, best first. */
	readonly masked: readonly number[];
	/** Shares of the words that alone are kept, best first. */
	readonly kept: readonly number[];
	/** The chosen words alone are kept. */
	readonly keepsChoice: boolean;
	/** Every word is masked alone: predictions that all methods share. */
	readonly leavesOneOut: boolean;
	/** The limits of AOPC are searched for. */
	readonly bounds: boolean;
	/** Draws with dimensions of the embeddings dropped. */
	readonly soft: readonly SoftVariant[];
	/** Metrics of the chosen words. */
	readonly ofChoice: readonly Metric<ProbedExample>[];
	/** Metrics of the scores. */
	readonly ofScores: readonly Metric<ProbedExample>[];
	/** Metrics of the scores that mask embeddings, whatever the study's maskings. */
	readonly ofEmbeddings: readonly Metric<ProbedExample>[];
}

const nothing = {
	...{ masked: [], kept: [], keepsChoice: false, leavesOneOut: false, bounds: false, soft: [] },
	...{ ofChoice: [], ofScores: [], ofEmbeddings: [] },
};

/** All measures on probabilities by id. */
export const probabilityMeasures = {
	comprehensiveness: {
		...nothing,
		masked: eraserBins,
		ofChoice: [comprehensiveness, comprehensivenessVocabulary, comprehensivenessNormalised],
		ofScores: [comprehensivenessAopc],
	},
	sufficiency: {
		...nothing,
		kept: eraserBins,
		keepsChoice: true,
		ofChoice: [sufficiency, sufficiencyVocabulary, sufficiencyNormalised],
		ofScores: [sufficiencyAopc],
	},
	log_odds: { ...nothing, masked: [logOddsShare], ofScores: [logOdds] },
	deletion_auc: { ...nothing, masked: curveShares, ofScores: [deletionAuc] },
	insertion_auc: { ...nothing, kept: curveShares, ofScores: [insertionAuc] },
	smallest_flipping_share: { ...nothing, masked: flippingShares, ofScores: [smallestFlippingShare] },
	naopc: {
		...nothing,
		...{ masked: eraserBins, kept: eraserBins, bounds: true },
		ofScores: [comprehensivenessNaopc, sufficiencyNaopc],
	},
	tau_loo: { ...nothing, leavesOneOut: true, ofScores: [tauLoo] },
	soft_nc: { ...nothing, soft: variantsOf('comprehensiveness', false), ofEmbeddings: [softNc] },
	soft_ns: { ...nothing, soft: variantsOf('sufficiency', false), ofEmbeddings: [softNs] },
	pi_soft_nc: { ...nothing, soft: variantsOf('comprehensiveness', true), ofEmbeddings: [piSoftNc] },
	pi_soft_ns: { ...nothing, soft: variantsOf('sufficiency', true), ofEmbeddings: [piSoftNs] },
} as const satisfies Readonly<Record<string, ProbabilityMeasure>>;

export type ProbabilityMeasureId = keyof typeof probabilityMeasures;

/** `flip_rate` needs labels only. */
export type MeasureId = 'flip_rate' | ProbabilityMeasureId;

export const measureIds = ['flip_rate', ...Object.keys(probabilityMeasures)] as readonly MeasureId[];

/** Returns the measures on probabilities among the ids, in the order of the record whatever the order of the ids. */
export function probabilityMeasuresOf(ids: readonly MeasureId[]): ProbabilityMeasure[] {
	return Object.entries(probabilityMeasures).flatMap(([id, measure]) =>
		ids.some((known) => known === id) ? [measure] : [],
	);
}

/** Stands where others name a masking: the metrics that mask embeddings are the same under all of the study's. */
export const embeddingMasking = 'embeddings';

/** Returns the ids under which figures stand: the study's maskings, and that of the embeddings where it is asked for. */
export function maskingsUnder(maskings: readonly string[], ids: readonly MeasureId[]): string[] {
	const isSoft = probabilityMeasuresOf(ids).some(({ ofEmbeddings }) => ofEmbeddings.length > 0);
	return isSoft ? [...maskings, embeddingMasking] : [...maskings];
}

/** Returns the metrics on probabilities of the chosen words, or of the scores, under a masking. */
export function probabilityMetrics(
	ids: readonly MeasureId[],
	masking: string,
	of: 'chosen' | 'scores',
): Metric<ProbedExample>[] {
	const measures = probabilityMeasuresOf(ids);
	if (masking === embeddingMasking) return of === 'scores' ? measures.flatMap(({ ofEmbeddings }) => ofEmbeddings) : [];
	return measures.flatMap(({ ofChoice, ofScores }) => (of === 'scores' ? ofScores : ofChoice));
}

/** Returns the masked texts that the measures need, each once. */
export function maskedTextsOf(ids: readonly MeasureId[]): MaskedText[] {
	const measures = probabilityMeasuresOf(ids);
	if (measures.length === 0) return [];
	return [
		allMasked,
		...sharesOf(measures, 'masked').map(bestMasked),
		...sharesOf(measures, 'kept').map(bestKept),
		...(measures.some(({ leavesOneOut }) => leavesOneOut) ? [oneWord] : []),
		...(measures.some(({ keepsChoice }) => keepsChoice) ? [chosenKept] : []),
	];
}

/** Returns the different shares that some measure needs, rising. */
export function sharesOf(measures: readonly ProbabilityMeasure[], side: 'masked' | 'kept'): number[] {
	return [...new Set(measures.flatMap((measure) => measure[side]))].toSorted((a, b) => a - b);
}

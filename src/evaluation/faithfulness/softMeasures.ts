/** Soft-NC and Soft-NS, at the scores' own size and at one expected length (docs/methods.md E.7, E.8). */
import { missing, type Score } from '../../core/score.ts';
import { meanMetric, type Metric, noChance } from '../metric.ts';
import type { MaskedProbabilities } from './maskedProbabilities.ts';
import type { FaithfulnessMeasure } from './measure.ts';
import { areaOverPi, softNormalisedComprehensiveness, softNormalisedSufficiency } from './softMasking.ts';
import type { SoftSide, SoftVariant } from './softVariant.ts';

/** Expected shares of kept dimensions at which the controlled variants are taken. */
export const softShares: readonly number[] = [0.1, 0.3, 0.5, 0.7, 0.9];

/** Random draws per variant, the same for all methods. */
export const softDraws = 10;
const scoreOf: Readonly<Record<SoftSide, typeof softNormalisedComprehensiveness>> = {
	comprehensiveness: softNormalisedComprehensiveness,
	sufficiency: softNormalisedSufficiency,
};

const common = { family: 'faithfulness', range: [0, 1], better: 'higher', needs: 'masking', judges: 'scores' } as const;
const source = 'Zhao & Aletras 2023, without their epsilons; mean of 10 draws, empty text: all embeddings 0';
const controlled =
	'the property of Huang & Chan 2026 (arXiv 2601.03089), by a transform of ours: scores to the power that keeps the share pi; mean over pi from 0.1 to 0.9';

export const softNc = plain({ id: 'soft_nc', title: 'Soft comprehensiveness', source, ...common }, 'comprehensiveness');
export const softNs = plain({ id: 'soft_ns', title: 'Soft sufficiency', source, ...common }, 'sufficiency');

export const piSoftNc = overPi(
	{ id: 'pi_soft_nc', title: 'Soft comprehensiveness at equal lengths', source: controlled, ...common },
	'comprehensiveness',
);
export const piSoftNs = overPi(
	{ id: 'pi_soft_ns', title: 'Soft sufficiency at equal lengths', source: controlled, ...common },
	'sufficiency',
);

export const softNcMeasure = measureOf(softNc, 'comprehensiveness', false);
export const softNsMeasure = measureOf(softNs, 'sufficiency', false);
export const piSoftNcMeasure = measureOf(piSoftNc, 'comprehensiveness', true);
export const piSoftNsMeasure = measureOf(piSoftNs, 'sufficiency', true);

function measureOf(metric: Metric<MaskedProbabilities>, side: SoftSide, isControlled: boolean): FaithfulnessMeasure {
	return { texts: [], soft: variantsOf(side, isControlled), metrics: [metric] };
}

/** Returns the variants that a measure at the scores' own size, or at equal lengths, takes. */
function variantsOf(side: SoftSide, isControlled: boolean): SoftVariant[] {
	return (isControlled ? softShares : [null]).map((pi) => ({ side, pi }));
}

function plain(declaration: Metric<MaskedProbabilities>['declaration'], side: SoftSide): Metric<MaskedProbabilities> {
	return meanMetric(declaration, (example) => scoreAt(example, { side, pi: null }), noChance);
}

function overPi(declaration: Metric<MaskedProbabilities>['declaration'], side: SoftSide): Metric<MaskedProbabilities> {
	return meanMetric(
		declaration,
		(example) => areaOverPi(softShares.map((pi) => ({ pi, score: scoreAt(example, { side, pi }) }))),
		noChance,
	);
}

function scoreAt({ full, soft }: MaskedProbabilities, { side, pi }: SoftVariant): Score {
	if ('missing' in soft) return missing(soft.missing);
	const found = soft.variants.find((variant) => variant.side === side && variant.pi === pi);
	if (found === undefined) return missing('not asked');
	return scoreOf[side]({ full, empty: soft.empty, draws: found.draws });
}

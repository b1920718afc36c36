import { missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { curveOf, type MaskedProbabilities } from './maskedProbabilities.ts';
import { bestMasked } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';

/** Every 5 %. */
export const flippingShares: readonly number[] = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);

/**
 * Mean of the smallest share of the words, best first in steps of 5 %, without which the predicted label is another; 1
 * where it never changes. Lower is better (docs/methods.md E.3).
 */
export const smallestFlippingShare = meanMetric<MaskedProbabilities>(
	{
		id: 'smallest_flipping_share',
		title: 'Smallest share of the words whose masking flips the prediction',
		family: 'faithfulness',
		range: [0, 1],
		better: 'lower',
		needs: 'masking',
		judges: 'scores',
		source: 'Nguyen 2018; Serrano & Smith 2019 (decision-flip fraction); in steps of 5 %, 1 where nothing flips',
	},
	flippingShare,
	noChance,
);

export const smallestFlippingShareMeasure: FaithfulnessMeasure = {
	texts: flippingShares.map(bestMasked),
	metrics: [smallestFlippingShare],
};

function flippingShare(example: MaskedProbabilities): Score {
	const points = curveOf(example, flippingShares, bestMasked);
	if (points === null) return missing('no scores');
	if (points.length < flippingShares.length) return missing('the curve lacks points');
	return scored(points.find(({ label }) => label !== example.prediction)?.share ?? 1);
}

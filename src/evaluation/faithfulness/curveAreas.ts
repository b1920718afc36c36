import { missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { type CurvePoint, curveOf, type MaskedProbabilities } from './maskedProbabilities.ts';
import { bestKept, bestMasked } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';

/** Shares at which the curves are taken (docs/methods.md E.6). */
export const curveShares: readonly number[] = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

const common = { family: 'faithfulness', range: [0, 1], needs: 'masking', judges: 'scores' } as const;

/** Mean area under m while the best words are masked first, from none to all: lower is better. */
export const deletionAuc = meanMetric<MaskedProbabilities>(
	{
		id: 'deletion_auc',
		title: 'Deletion: area under the probability, best words masked first',
		better: 'lower',
		source: 'Petsiuk et al. 2018 (RISE); most relevant first (MoRF) of Samek et al. 2017; trapezoid over 12 shares',
		...common,
	},
	(example) => areaUnder(curveOf(example, curveShares, bestMasked)),
	noChance,
);

/** Mean area under m while the best words are put back first, from none to all: higher is better. */
export const insertionAuc = meanMetric<MaskedProbabilities>(
	{
		id: 'insertion_auc',
		title: 'Insertion: area under the probability, best words put back first',
		better: 'higher',
		source: 'Petsiuk et al. 2018 (RISE); least relevant first (LeRF) of Samek et al. 2017, read backwards; 12 shares',
		...common,
	},
	(example) => areaUnder(curveOf(example, curveShares, bestKept)),
	noChance,
);

export const deletionMeasure: FaithfulnessMeasure = { texts: curveShares.map(bestMasked), metrics: [deletionAuc] };

export const insertionMeasure: FaithfulnessMeasure = { texts: curveShares.map(bestKept), metrics: [insertionAuc] };

/** Returns the trapezoid area over the curve's shares; missing unless there is a point at each. */
function areaUnder(curve: readonly CurvePoint[] | null): Score {
	if (curve === null) return missing('no scores');
	if (curve.length < curveShares.length) return missing('the curve lacks points');
	return scored(
		curve.slice(1).reduce((area, { share, probability }, i) => {
			const before = curve[i] as CurvePoint;
			return area + ((share - before.share) * (probability + before.probability)) / 2;
		}, 0),
	);
}

import { hasValue, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { eraserBins, type MaskedProbabilities } from './maskedProbabilities.ts';
import { allMasked, bestKept, chosenKept } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';
import { drop, largestDrop, meanDropOverBins, vocabularyDrop } from './probabilityDrop.ts';

const common = { family: 'faithfulness', needs: 'masking' } as const;

/** Mean of `m(x) - m(r alone)`: lower is better. */
export const sufficiency = meanMetric<MaskedProbabilities>(
	{
		id: 'sufficiency',
		judges: 'chosen',
		title: 'Sufficiency',
		range: [-1, 1],
		better: 'lower',
		source: 'DeYoung et al. 2020 (ERASER), eq. 2; probability of the predicted label among the labels',
		...common,
	},
	(example) => drop(example, chosenKept),
	noChance,
);

/** Mean of `1 - clip(drop / drop without any word)`, 0..1, higher is better; undefined examples are left out. */
export const sufficiencyNormalised = meanMetric<MaskedProbabilities>(
	{
		id: 'sufficiency.normalised',
		judges: 'chosen',
		title: 'Sufficiency, share of the drop without any word that the rationale makes good',
		range: [0, 1],
		better: 'higher',
		source: 'Carton et al. 2020; Chrysostomou & Aletras 2021; without their epsilons: undefined examples are left out',
		...common,
	},
	normalised,
	noChance,
);

/** The same in the whole vocabulary. */
export const sufficiencyVocabulary = meanMetric<MaskedProbabilities>(
	{
		id: 'sufficiency.vocabulary',
		judges: 'chosen',
		title: 'Sufficiency in the whole vocabulary',
		range: [-1, 1],
		better: 'lower',
		source: 'DeYoung et al. 2020 (ERASER), eq. 2; probability of the predicted label’s answer among all tokens',
		...common,
	},
	(example) => vocabularyDrop(example, chosenKept),
	noChance,
);

/** Mean of the drops with only the best 1, 5, 10, 20 and 50 % of the words kept, at least one word each. */
export const sufficiencyAopc = meanMetric<MaskedProbabilities>(
	{
		id: 'sufficiency.aopc',
		judges: 'scores',
		title: 'Sufficiency, mean over 1, 5, 10, 20, 50 % of the words',
		range: [-1, 1],
		better: 'lower',
		source:
			'DeYoung et al. 2020 (ERASER), as in its code: the mean over the five bins (5/6 of it is the paper’s eq. 3)',
		...common,
	},
	(example) => meanDropOverBins(example, bestKept),
	noChance,
);

export const sufficiencyMeasure: FaithfulnessMeasure = {
	texts: [allMasked, ...eraserBins.map(bestKept), chosenKept],
	metrics: [sufficiency, sufficiencyVocabulary, sufficiencyNormalised, sufficiencyAopc],
};

/** `(Suff - Suff0) / (1 - Suff0)` with `Suff = 1 - max(0, drop)` is `1 - max(0, drop) / largest drop`. */
function normalised(example: MaskedProbabilities): Score {
	const [own, largest] = [drop(example, chosenKept), largestDrop(example)];
	if (!hasValue(own)) return own;
	return hasValue(largest) ? scored(Math.max(0, 1 - Math.max(0, own.value) / largest.value)) : largest;
}

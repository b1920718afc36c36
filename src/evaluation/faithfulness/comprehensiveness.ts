import { hasValue, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { mean } from '../statistics/mean.ts';
import { answersTo, eraserBins, type MaskedProbabilities, probabilityOf, unanswered } from './maskedProbabilities.ts';
import { allMasked, bestMasked, chosenMasked, randomMasked } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';
import { drop, dropTo, largestDrop, meanDropOverBins, vocabularyDrop } from './probabilityDrop.ts';

const common = { family: 'faithfulness', better: 'higher', needs: 'masking' } as const;

/** Mean of `m(x) - m(x without r)`; by chance that of as many random words. */
export const comprehensiveness = meanMetric<MaskedProbabilities>(
	{
		id: 'comprehensiveness',
		judges: 'chosen',
		title: 'Comprehensiveness',
		range: [-1, 1],
		source: 'DeYoung et al. 2020 (ERASER), eq. 1; probability of the predicted label among the labels',
		...common,
	},
	(example) => drop(example, chosenMasked),
	(example) => dropTo(example, controlProbability(example)),
);

/** Mean of `clip(drop / drop without any word)`, 0..1; examples that masking everything does not change are left out. */
export const comprehensivenessNormalised = meanMetric<MaskedProbabilities>(
	{
		id: 'comprehensiveness.normalised',
		judges: 'chosen',
		title: 'Comprehensiveness, share of the drop without any word',
		range: [0, 1],
		source: 'Carton et al. 2020; Chrysostomou & Aletras 2021; without their epsilons: undefined examples are left out',
		...common,
	},
	(example) => normalised(example, probabilityOf(example, chosenMasked)),
	(example) => normalised(example, controlProbability(example)),
);

/** The same in the whole vocabulary. */
export const comprehensivenessVocabulary = meanMetric<MaskedProbabilities>(
	{
		id: 'comprehensiveness.vocabulary',
		judges: 'chosen',
		title: 'Comprehensiveness in the whole vocabulary',
		range: [-1, 1],
		source: 'DeYoung et al. 2020 (ERASER), eq. 1; probability of the predicted label’s answer among all tokens',
		...common,
	},
	(example) => vocabularyDrop(example, chosenMasked),
	noChance,
);

/** Mean of the drops with the best 1, 5, 10, 20 and 50 % of the words masked, at least one word each. */
export const comprehensivenessAopc = meanMetric<MaskedProbabilities>(
	{
		id: 'comprehensiveness.aopc',
		judges: 'scores',
		title: 'Comprehensiveness, mean over 1, 5, 10, 20, 50 % of the words',
		range: [-1, 1],
		source:
			'DeYoung et al. 2020 (ERASER), as in its code: the mean over the five bins (5/6 of it is the paper’s eq. 3)',
		...common,
	},
	(example) => meanDropOverBins(example, bestMasked),
	noChance,
);

export const comprehensivenessMeasure: FaithfulnessMeasure = {
	texts: [allMasked, ...eraserBins.map(bestMasked), chosenMasked, randomMasked],
	metrics: [comprehensiveness, comprehensivenessVocabulary, comprehensivenessNormalised, comprehensivenessAopc],
};

function normalised(example: MaskedProbabilities, probability: Score): Score {
	const [own, largest] = [dropTo(example, probability), largestDrop(example)];
	if (!hasValue(own)) return own;
	return hasValue(largest) ? scored(Math.min(1, Math.max(0, own.value) / largest.value)) : largest;
}

function controlProbability(example: MaskedProbabilities): Score {
	const drawn = (answersTo(example, randomMasked)?.probabilities ?? []).filter((probability) => probability !== null);
	return drawn.length === 0 ? unanswered(example, randomMasked) : mean(drawn);
}

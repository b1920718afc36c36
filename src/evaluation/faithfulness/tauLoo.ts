import { itemAt } from '../../core/present.ts';
import { hasValue, missing, type Score } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { kendallTauB } from '../statistics/kendall.ts';
import { answersTo, type MaskedProbabilities, unanswered } from './maskedProbabilities.ts';
import { oneWordMasked } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';

/**
 * Mean of Kendall's tau-b between a method's scores and what masking each word alone takes from m (docs/methods.md
 * E.10). Circular for methods that mask words themselves.
 */
export const tauLoo = meanMetric<MaskedProbabilities>(
	{
		id: 'tau_loo',
		title: 'Agreement with leave-one-out (Kendall tau-b)',
		family: 'faithfulness',
		range: [-1, 1],
		better: 'higher',
		needs: 'masking',
		judges: 'scores',
		source: 'Jain & Wallace 2019; Attanasio et al. 2023 (ferret); circular for occlusion and its kin',
	},
	agreement,
	noChance,
);

export const tauLooMeasure: FaithfulnessMeasure = { texts: [oneWordMasked], metrics: [tauLoo] };

/** Words without a score, or without a prediction once they are masked, do not count. */
function agreement(example: MaskedProbabilities): Score {
	const { full, scores } = example;
	const without = answersTo(example, oneWordMasked)?.probabilities;
	if (without === undefined || scores === null) return unanswered(example, oneWordMasked);
	const pairs = without.flatMap((probability, word) => {
		const score = itemAt(scores, word);
		return score === null || probability === null ? [] : [{ score, drop: full - probability }];
	});
	const tau = kendallTauB(
		pairs.map(({ score }) => score),
		pairs.map(({ drop }) => drop),
	);
	return hasValue(tau) ? tau : missing('scores or drops are all equal');
}

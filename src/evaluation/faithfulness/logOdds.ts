import { hasValue, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { type MaskedProbabilities, probabilityOf } from './maskedProbabilities.ts';
import { bestMasked } from './maskedText.ts';
import type { FaithfulnessMeasure } from './measure.ts';

/** A fifth of the words, at least one word. */
const masked = bestMasked(0.2);

/** Probabilities count as at least this. */
const least = 1e-12;

/** Mean of `log(m(x without its best 20 %) / m(x))`: lower is better (docs/methods.md E.5). */
export const logOdds = meanMetric<MaskedProbabilities>(
	{
		id: 'log_odds',
		title: 'Log-odds with the best 20 % of the words masked',
		family: 'faithfulness',
		range: [-Infinity, Infinity],
		better: 'lower',
		needs: 'masking',
		judges: 'scores',
		source: 'Shrikumar et al. 2017; Chen et al. 2019, at 20 %; probabilities among the labels, at least 1e-12',
	},
	(example) => {
		const left = probabilityOf(example, masked);
		if (!hasValue(left)) return left;
		return scored(Math.log(Math.max(left.value, least) / Math.max(example.full, least)));
	},
	noChance,
);

export const logOddsMeasure: FaithfulnessMeasure = { texts: [masked], metrics: [logOdds] };

import { hasValue, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { probabilityAt, type ProbedExample } from './probedExample.ts';

/** The share of the words that is masked, at least one word. */
export const logOddsShare = 0.2;

/** Probabilities count as at least this. */
const least = 1e-12;

/** Mean of `log(m(x without its best 20 %) / m(x))`: lower is better (docs/methods.md E.5). */
export const logOdds = meanMetric<ProbedExample>(
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
	({ full, maskedCurve }) => {
		const masked = probabilityAt(maskedCurve, logOddsShare);
		if (!hasValue(masked)) return masked;
		return scored(Math.log(Math.max(masked.value, least) / Math.max(full, least)));
	},
	noChance,
);

import { missing, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';

/** Masked texts of one example that were scored twice. */
export interface ComparedDecisions {
	readonly compared: number;
	readonly changed: number;
}

/** Mean over examples of the share of masked texts that get another label by reduced precision than by full precision. */
export const changedDecisions = meanMetric<ComparedDecisions>(
	{
		id: 'changed_decisions',
		title: 'Share of masked texts that reduced precision labels otherwise',
		family: 'prediction',
		range: [0, 1],
		better: 'lower',
		needs: 'masking',
		judges: 'answers',
		source: 'ours: labels of reduced against those of full precision, random words masked',
	},
	({ compared, changed }) => (compared === 0 ? missing('no words to mask') : scored(changed / compared)),
	noChance,
);

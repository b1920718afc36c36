import { meanMetric, noChance } from '../metric.ts';
import type { ProbedExample } from './probedExample.ts';

/**
 * Mean of Kendall's tau-b between a method's scores and what masking each word alone takes from m (docs/methods.md
 * E.10). Circular for methods that mask words themselves.
 */
export const tauLoo = meanMetric<ProbedExample>(
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
	({ tauLoo: tau }) => tau,
	noChance,
);

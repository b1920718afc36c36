import type { PassMethod } from './method.ts';

/**
 * s_j = mean over layers l and heads h of A_l[h, q, j]: the share of the last position's attention that falls on token
 * j (docs/methods.md A.1). The last layer and all heads unless the study chooses others.
 */
export const attention: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'attention',
		title: 'Attention',
		family: 'attribution',
		needs: 'attention',
		signed: false,
		targetSpecific: false,
		aggregation: 'sum',
		source: 'Fayyaz et al. 2024 (arXiv 2407.00219); last layer, mean of heads, last row as in ReAGent `last`',
	},
	output: 'attention',
};

import type { PassMethod } from '../method.ts';

/**
 * s_j = mean_h A[L,h,q,j]: the share of the last position's attention, in the last layer, that falls on token j
 * (docs/methods.md A.1).
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

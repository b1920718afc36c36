import type { PassMethod } from './method.ts';

/**
 * s_i = sum_k (E_ik - B_ik) g_ik, B the embedding of a single space, g the gradient with constant norm factors, the
 * softmax gradient at temperature 2, 1/4 at queries and keys and 1/2 at values and gated products (docs/methods.md
 * A.12).
 */
export const gim: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'gim',
		title: 'GIM',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Edin et al. 2025 (arXiv 2505.17630)',
	},
	output: 'gim',
	needsNeutralToken: true,
};

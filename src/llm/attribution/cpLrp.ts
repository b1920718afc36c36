import type { PassMethod } from './method.ts';

/**
 * s_i = sum_k E_ik g_ik, g the gradient with attention weights, norm factors and gates held constant (docs/methods.md
 * A.10): without biases the scores of all tokens of the prompt sum to t.
 */
export const cpLrp: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'cp_lrp',
		title: 'CP-LRP',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Ali et al. 2022 (arXiv 2202.07304); gates constant as in LXT',
	},
	output: 'cpLrp',
};

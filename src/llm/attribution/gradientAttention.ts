import type { PassMethod } from './method.ts';

/**
 * s = row q of (I + C_L) ... (I + C_1) - I, C_l = mean_h ReLU(A_l * dt/dA_l) (docs/methods.md A.3).
 */
export const gradientAttention: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'grad_attention',
		title: 'Gradient-weighted attention',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Chefer et al. 2021 (arXiv 2103.15679), equations 5 and 6, decoder form',
	},
	output: 'gradientAttention',
};

import type { PassMethod } from './method.ts';

/**
 * s_i = sum_k E_ik g_ik, g the gradient edited by AttnLRP's rules (docs/methods.md A.11), reference zero.
 */
export const attnLrp: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'attn_lrp',
		title: 'AttnLRP',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Achtibat et al. 2024 (arXiv 2402.05602), as InputxGradient by Arras et al. 2025',
	},
	output: 'attnLrp',
};

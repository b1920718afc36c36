import type { Edits } from '../../engine/graph/backward.ts';
import { multiply } from '../../engine/graph/build.ts';
import { by, constantInBackward, sharedProducts, tanhAsFactor } from '../../engine/nn/attributionRules.ts';
import type { PassMethod } from './method.ts';
import { rowSum } from './rowReductions.ts';

/**
 * AttnLRP (Achtibat et al. 2024) in the form input x gradient (Arras et al. 2025): norms and x * factor(x) keep their
 * factor; a product of two activations gives half to each, which makes 1/2 at values and 1/4 at queries and keys.
 */
export const attnLrpEdits: Edits = {
	...sharedProducts,
	activationFactor: constantInBackward,
	softCap: by(tanhAsFactor),
};

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
	reduce: ({ embeddings, gradient }) => rowSum(multiply(gradient(attnLrpEdits), embeddings)),
};

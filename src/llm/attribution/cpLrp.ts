import type { Edits } from '../../engine/graph/backward.ts';
import { multiply } from '../../engine/graph/build.ts';
import { by, constantInBackward, tanhAsFactor } from '../../engine/nn/attributionRules.ts';
import type { PassMethod } from './method.ts';
import { rowSum } from './rowReductions.ts';

/**
 * CP-LRP (Ali et al. 2022): attention weights, norm factors and gates are constants, so the network is linear in its
 * embeddings, and without biases the relevances sum to the explained logit.
 */
export const cpLrpEdits: Edits = {
	normalisationFactor: constantInBackward,
	activationFactor: constantInBackward,
	softCap: by(tanhAsFactor),
	gate: constantInBackward,
	query: constantInBackward,
	key: constantInBackward,
};

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
	reduce: ({ embeddings, gradient }) => rowSum(multiply(gradient(cpLrpEdits), embeddings)),
};

import { add, lessOrEqual, matmul, multiply, scalar, subtract, where } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { headMean, lastPosition, ofFresh, toGrid } from './attentionRows.ts';
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
	needsAttentionGradients: true,
	reduce: (pass) => gradientAttentionRow(pass.attentions, pass.attentionGradients()),
};

/**
 * Returns row q of R - I, R = (I + C_L) ... (I + C_1), C_l = mean over heads of ReLU(A_l * dt/dA_l) (Chefer et al.
 * 2021, equations 5 and 6; A.3). `attentionGradients` are dt/dA_l.
 */
function gradientAttentionRow(attentions: readonly Node[], attentionGradients: readonly Node[]): Node {
	const start = lastPosition(attentions[0] as Node);
	const row = attentions.reduceRight((r, weights, layer) => {
		const weighted = multiply(weights, attentionGradients[layer] as Node);
		const zero = scalar(0);
		return add(r, ofFresh(matmul(r, headMean(where(lessOrEqual(zero, weighted), weighted, zero))), 2));
	}, start);
	return toGrid(subtract(row, start));
}

import { add, matmul, scale } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { headMean, lastPosition, ofFresh, toGrid } from './attentionRows.ts';
import type { PassMethod } from './method.ts';

/**
 * s = row q of the product over layers of A_l / 2 + I / 2, A_l the mean of the heads (docs/methods.md A.2). Under a
 * causal mask the mass drifts to the first tokens as layers are added.
 */
export const attentionRollout: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'attention_rollout',
		title: 'Attention rollout',
		family: 'attribution',
		needs: 'attention',
		signed: false,
		targetSpecific: false,
		aggregation: 'sum',
		source: 'Abnar & Zuidema 2020 (arXiv 2005.00928), equation 1',
	},
	output: 'attentionRollout',
	reduce: ({ attentions }) => rolloutRow(attentions),
};

/** Returns row q of the product over layers of A_l / 2 + I / 2, A_l the mean of the heads (Abnar & Zuidema 2020). */
function rolloutRow(attentions: readonly Node[]): Node {
	const start = lastPosition(attentions[0] as Node);
	const row = attentions.reduceRight(
		(r, weights) => scale(add(ofFresh(matmul(r, headMean(weights)), 2), r), 0.5),
		start,
	);
	return toGrid(row);
}

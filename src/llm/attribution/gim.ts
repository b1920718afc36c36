import type { Edits } from '../../engine/graph/backward.ts';
import { input, multiply, subtract } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { by, sharedProducts, softmaxAtTemperature } from '../../engine/nn/attributionRules.ts';
import type { PassMethod, SharedPass } from './method.ts';
import { rowSum } from './rowReductions.ts';

/**
 * GIM (Edin et al. 2025): constant norm factors, the softmax gradient at temperature 2, and gradients shared between
 * the factors of products as in AttnLRP; activations and soft caps keep their true derivative. Relevance is
 * sum_k (E_ik - B_ik) g_ik with B the embedding of a neutral token.
 */
export const gimEdits: Edits = {
	...sharedProducts,
	attention: by(softmaxAtTemperature(2)),
};

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
	reduce: (pass) => rowSum(multiply(pass.gradient(gimEdits), subtract(pass.embeddings, neutralEmbedding(pass)))),
};

/** Returns B [1, D]. */
function neutralEmbedding({ decoder }: SharedPass): Node {
	return decoder.embed(input('neutralToken', [1, 1], 'int64'));
}

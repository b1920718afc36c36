import type { ExplainedPrompt, MultiPassAttribution } from '../languageModel.ts';
import { withoutNeutralToken } from './neutralToken.ts';
import { gaussLegendre } from './gaussLegendre.ts';
import { evaluatePath, openPrompt, sum, targetValues, weightedSum, withReferences } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import type { MultiPassMethod, RequestOf } from './method.ts';

/** Below this change of the target the error is not relative to it any more. */
const smallestChange = 1e-6;

const QUADRATURE = { nodes: 32, nodeLimit: 256, tolerance: 0.05 };

/**
 * s_i = sum_k (E - B)_ik integral_0^1 dt/dE_ik(B + a (E - B)) da, B a single space at the tokens of the text's words
 * and E elsewhere (docs/methods.md A.6): the scores sum to t(E) - t(B). 32 Gauss-Legendre nodes, doubled until the sum
 * is off by at most 5 %. Diagnostics: `nodes`, `completenessError`, `converged` (0 where 256 nodes do not suffice).
 */
export const integratedGradients: MultiPassMethod<'integratedGradients'> = {
	kind: 'multiPass',
	declaration: {
		id: 'integrated_gradients',
		title: 'Integrated Gradients',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Sundararajan et al. 2017 (arXiv 1703.01365), equation 1',
		diagnostics: {
			nodes: 'quadrature nodes',
			completenessError: 'completeness error, relative',
			converged: 'converged to 5 % (1 yes, 0 no)',
		},
	},
	requestKind: 'integratedGradients',
	request: ({ neutral }) =>
		neutral === null ? withoutNeutralToken : { kind: 'integratedGradients', neutralToken: neutral, ...QUADRATURE },
	cost: ({ nodes }) => ({ forward: nodes + 2, backward: nodes + 2, bound: 'least' }),
	attribute,
};

/**
 * Returns s [T], s_i = sum_k (E - B)_ik integral_0^1 dt/dE_ik(B + a (E - B)) da (Sundararajan et al. 2017, equation 1;
 * docs/methods.md A.6), B = the neutral token at the explained positions and E elsewhere, so s is 0 there.
 * Diagnostics: `nodes`; `completenessError` = |sum s - (t(E) - t(B))| / |t(E) - t(B)|; `converged`, 0 where that
 * exceeds the tolerance with as many nodes as the limit allows.
 */
async function attribute(
	context: EngineContext,
	prompt: ExplainedPrompt,
	request: RequestOf<'integratedGradients'>,
): Promise<MultiPassAttribution> {
	const opened = await openPrompt(context, prompt);
	const references = withReferences(prompt, () => request.neutralToken);
	const [from, to] = (await targetValues(context, opened, [references, prompt.ids])) as [number, number];
	for (let nodes = request.nodes; ; nodes *= 2) {
		const rule = gaussLegendre(nodes);
		const values = await evaluatePath(
			context,
			opened,
			rule.map(({ node }) => ({ references, alpha: node })),
		);
		const scores = weightedSum(
			values.map(({ attribution }) => attribution),
			rule.map(({ weight }) => weight),
		);
		const completenessError = Math.abs(sum(scores) - (to - from)) / Math.max(Math.abs(to - from), smallestChange);
		const converged = completenessError <= request.tolerance;
		if (!converged && 2 * nodes <= request.nodeLimit) continue;
		return {
			scores: Float32Array.from(scores),
			diagnostics: { nodes, completenessError, converged: Number(converged) },
		};
	}
}

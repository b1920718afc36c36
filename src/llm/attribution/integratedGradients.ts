import type { ExplainedPrompt, MultiPassAttribution, MultiPassRequest } from '../languageModel.ts';
import { gaussLegendre } from './gaussLegendre.ts';
import { evaluatePath, openPrompt, sum, targetValues, weightedSum, withReferences } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** Below this change of the target the error is not relative to it any more. */
const smallestChange = 1e-6;

/**
 * Returns s [T], s_i = sum_k (E - B)_ik integral_0^1 dt/dE_ik(B + a (E - B)) da (Sundararajan et al. 2017, equation 1;
 * docs/methods.md A.6), B = the neutral token at the explained positions and E elsewhere, so s is 0 there.
 * Diagnostics: `nodes`; `completenessError` = |sum s - (t(E) - t(B))| / |t(E) - t(B)|; `converged`, 0 where that
 * exceeds the tolerance with as many nodes as the limit allows.
 */
export async function integratedGradients(
	context: EngineContext,
	prompt: ExplainedPrompt,
	request: MultiPassRequest & { readonly kind: 'integratedGradients' },
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

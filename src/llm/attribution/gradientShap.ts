import { seededRandom } from '../../core/random.ts';
import type { ExplainedPrompt, MultiPassAttribution, MultiPassRequest, TokenIds } from '../languageModel.ts';
import { evaluatePath, openPrompt, sum, weightedSum, withReferences } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/**
 * Returns s [T], s_i = mean_m sum_k (E - B^m)_ik dt/dE_ik(B^m + a_m (E - B^m)), a_m ~ U(0, 1), B^m in turn from each
 * kind of baseline, tokens of a longer list drawn evenly at each explained position (Expected Gradients, Erion et al.
 * 2021; docs/methods.md A.8, without noise). Diagnostics: `samples`; `standardError` of the sum of the scores, null
 * for one.
 */
export async function gradientShap(
	context: EngineContext,
	prompt: ExplainedPrompt,
	{ samples, baselines }: MultiPassRequest & { readonly kind: 'gradientShap' },
): Promise<MultiPassAttribution> {
	const points = Array.from({ length: samples }, (_, m) => {
		const random = seededRandom(prompt.seed, 'gradient_shap', m);
		const tokens = baselines[m % baselines.length] as TokenIds;
		return { alpha: random.next(), references: withReferences(prompt, () => random.pick(tokens)) };
	});
	const rows = (await evaluatePath(context, await openPrompt(context, prompt), points)).map(
		({ attribution }) => attribution,
	);
	const scores = weightedSum(
		rows,
		rows.map(() => 1 / samples),
	);
	return { scores: Float32Array.from(scores), diagnostics: { samples, standardError: standardError(rows.map(sum)) } };
}

function standardError(values: readonly number[]): number | null {
	const count = values.length;
	if (count < 2) return null;
	const mean = values.reduce((total, value) => total + value, 0) / count;
	const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
	return Math.sqrt(squares / (count - 1) / count);
}

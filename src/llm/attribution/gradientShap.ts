import { seededRandom } from '../../core/random.ts';
import type { ExplainedPrompt, MultiPassAttribution, TokenIds } from '../languageModel.ts';
import { evaluatePath, openPrompt, sum, weightedSum, withReferences } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import type { MultiPassMethod, RequestOf } from './method.ts';

/**
 * s_i = mean_m sum_k (E - B^m)_ik dt/dE_ik(B^m + a_m (E - B^m)), a_m ~ U(0, 1), over 32 draws (docs/methods.md A.8, no
 * noise). The baselines B^m take turns: a single space, and common words drawn at each token; only the latter where
 * the tokenizer has no token for a space. Diagnostics: `samples`, `standardError` of the sum of the scores.
 */
export const gradientShap: MultiPassMethod<'gradientShap'> = {
	kind: 'multiPass',
	declaration: {
		id: 'gradient_shap',
		title: 'GradientSHAP',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Lundberg & Lee 2017; Erion et al. 2021 (arXiv 1906.10670)',
		diagnostics: { samples: 'random points', standardError: 'standard error of the sum of scores' },
	},
	requestKind: 'gradientShap',
	request: ({ neutral, commonWords }) => ({
		kind: 'gradientShap',
		samples: 32,
		baselines: neutral === null ? [commonWords] : [[neutral], commonWords],
	}),
	cost: ({ samples }) => ({ forward: samples, backward: samples, bound: 'exact' }),
	attribute,
};

/**
 * Returns s [T], s_i = mean_m sum_k (E - B^m)_ik dt/dE_ik(B^m + a_m (E - B^m)), a_m ~ U(0, 1), B^m in turn from each
 * kind of baseline, tokens of a longer list drawn evenly at each explained position (Expected Gradients, Erion et al.
 * 2021; docs/methods.md A.8, without noise). Diagnostics: `samples`; `standardError` of the sum of the scores, null
 * for one.
 */
async function attribute(
	context: EngineContext,
	prompt: ExplainedPrompt,
	{ samples, baselines }: RequestOf<'gradientShap'>,
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

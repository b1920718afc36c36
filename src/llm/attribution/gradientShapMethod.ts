import type { MultiPassMethod } from './method.ts';

/**
 * s_i = mean_m sum_k (E - B^m)_ik dt/dE_ik(B^m + a_m (E - B^m)), a_m ~ U(0, 1), over 32 draws (docs/methods.md A.8, no
 * noise). The baselines B^m take turns: a single space, and everyday words drawn at each token; only the latter where
 * the tokenizer has no token for a space. Diagnostics: `samples`, `standardError` of the sum of the scores.
 */
export const gradientShap: MultiPassMethod = {
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
	request: ({ neutral, commonWords }) => ({
		kind: 'gradientShap',
		samples: 32,
		baselines: neutral === null ? [commonWords] : [[neutral], commonWords],
	}),
};

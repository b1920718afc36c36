import type { MultiPassMethod } from './method.ts';

/**
 * s = sum_l u_l M_(l-1): what attention in layer l moves from each token into the target, followed back to the input
 * by ALTI's contributions (docs/methods.md A.14). What MLPs and the last token's own residual add is not distributed.
 * Diagnostics: `target` and `distributed`, the sum of the scores of all tokens of the prompt.
 */
export const altiLogit: MultiPassMethod = {
	kind: 'multiPass',
	declaration: {
		id: 'alti_logit',
		title: 'ALTI-Logit',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Ferrando et al. 2023 (arXiv 2305.12535); contributions by ALTI, Ferrando et al. 2022 (arXiv 2203.04212)',
		diagnostics: { target: 'the explained number', distributed: 'the part of it given to tokens' },
	},
	request: () => ({ kind: 'altiLogit' }),
};

import type { MultiPassMethod } from './method.ts';

/**
 * s_i = || mean_m dt/dE_i(E + noise_m) ||_2 over 20 draws of normal noise on the tokens of the text's words, with 0.15
 * times the standard deviation of their embeddings (docs/methods.md A.7): saliency.l2 of the smoothed gradient.
 */
export const smoothGrad: MultiPassMethod = {
	kind: 'multiPass',
	declaration: {
		id: 'smooth_grad',
		title: 'SmoothGrad',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'max',
		source: 'Smilkov et al. 2017 (arXiv 1706.03825)',
		diagnostics: { samples: 'noisy copies' },
	},
	request: () => ({ kind: 'smoothGradient', samples: 20, spread: 0.15 }),
};

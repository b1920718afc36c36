import type { PassMethod } from './method.ts';
import { rowNorm } from './rowReductions.ts';

/** s_i = sqrt(sum_k (dt/dE_ik)^2) (docs/methods.md A.4). */
export const saliencyL2: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'saliency.l2',
		title: 'Saliency (L2)',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'max',
		source: 'Simonyan et al. 2014 (arXiv 1312.6034); L2 norm as in inseq `saliency`',
	},
	output: 'gradient.l2',
	reduce: ({ gradient }) => rowNorm(gradient()),
};

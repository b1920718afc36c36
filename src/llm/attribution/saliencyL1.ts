import type { PassMethod } from './method.ts';
import { rowSize } from './rowReductions.ts';

/** s_i = sum_k |dt/dE_ik| (docs/methods.md A.4). */
export const saliencyL1: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'saliency.l1',
		title: 'Saliency (L1)',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'max',
		source: 'Simonyan et al. 2014 (arXiv 1312.6034); L1 norm as in ferret `Gradient` and Yin & Neubig 2022',
	},
	output: 'gradient.l1',
	reduce: ({ gradient }) => rowSize(gradient()),
};

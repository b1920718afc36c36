import { multiply } from '../../engine/graph/build.ts';
import type { PassMethod } from './method.ts';
import { rowSum } from './rowReductions.ts';

/** s_i = sum_k E_ik dt/dE_ik, signed: evidence for the label is positive (docs/methods.md A.5). */
export const inputXGradientDot: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'input_x_gradient.dot',
		title: 'Input x gradient (dot)',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Shrikumar et al. 2016 (arXiv 1605.01713); dot product as in ferret and Yin & Neubig 2022',
	},
	output: 'gradientXInput.dot',
	reduce: ({ embeddings, gradient }) => rowSum(multiply(gradient(), embeddings)),
};

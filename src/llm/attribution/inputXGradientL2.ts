import { multiply } from '../../engine/graph/build.ts';
import type { PassMethod } from './method.ts';
import { rowNorm } from './rowReductions.ts';

/** s_i = sqrt(sum_k (E_ik dt/dE_ik)^2) (docs/methods.md A.5). */
export const inputXGradientL2: PassMethod = {
	kind: 'pass',
	declaration: {
		id: 'input_x_gradient.l2',
		title: 'Input x gradient (L2)',
		family: 'attribution',
		needs: 'gradients',
		signed: false,
		targetSpecific: true,
		aggregation: 'max',
		source: 'Shrikumar et al. 2016 (arXiv 1605.01713); L2 norm of the product as in inseq `input_x_gradient`',
	},
	output: 'gradientXInput.l2',
	reduce: ({ embeddings, gradient }) => rowNorm(multiply(gradient(), embeddings)),
};

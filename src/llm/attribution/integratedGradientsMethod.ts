import { withoutNeutralToken } from './neutralToken.ts';
import type { MultiPassMethod } from './method.ts';

const QUADRATURE = { nodes: 32, nodeLimit: 256, tolerance: 0.05 };

/**
 * s_i = sum_k (E - B)_ik integral_0^1 dt/dE_ik(B + a (E - B)) da, B a single space at the tokens of the text's words
 * and E elsewhere (docs/methods.md A.6): the scores sum to t(E) - t(B). 32 Gauss-Legendre nodes, doubled until the sum
 * is off by at most 5 %. Diagnostics: `nodes`, `completenessError`, `converged` (0 where 256 nodes do not suffice).
 */
export const integratedGradients: MultiPassMethod = {
	kind: 'multiPass',
	declaration: {
		id: 'integrated_gradients',
		title: 'Integrated Gradients',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Sundararajan et al. 2017 (arXiv 1703.01365), equation 1',
		diagnostics: {
			nodes: 'quadrature nodes',
			completenessError: 'completeness error, relative',
			converged: 'converged to 5 % (1 yes, 0 no)',
		},
	},
	request: ({ neutral }) =>
		neutral === null ? withoutNeutralToken : { kind: 'integratedGradients', neutralToken: neutral, ...QUADRATURE },
};

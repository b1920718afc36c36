import type { MultiPassMethod } from './method.ts';

/**
 * s = row q of C_L ... C_1, C_l[i, j] = 1 - cos between block l's output at i with and without the values of j, rows
 * normalised (docs/methods.md A.13). One pass per token of the prompt. It explains the representation at q, not a
 * label.
 */
export const valueZeroing: MultiPassMethod = {
	kind: 'multiPass',
	declaration: {
		id: 'value_zeroing',
		title: 'Value zeroing',
		family: 'attribution',
		needs: 'attention',
		signed: false,
		targetSpecific: false,
		aggregation: 'sum',
		source: 'Mohebbi et al. 2023 (arXiv 2301.12971); rollout of their repository, values of all heads',
		diagnostics: { passes: 'patched forward passes' },
	},
	request: () => ({ kind: 'valueZeroing' }),
};

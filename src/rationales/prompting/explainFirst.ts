import { explainFirstPrompt } from '../../prompts/explainFirst.ts';
import type { PromptMethod } from './method.ts';

/** The model lists the words before it gives its label; flips are those of the classification prompt’s label. */
export const explainFirst: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.explain_first',
		title: 'Prompting (explain first)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Huang et al. 2023, explain-then-predict; wording ours',
	},
	prompt: explainFirstPrompt,
	matching: { repeated: 'all', spelling: false },
};

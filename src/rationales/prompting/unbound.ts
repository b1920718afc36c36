import { unboundPrompt } from '../../prompts/unbound.ts';
import type { PromptMethod } from './method.ts';

/** The model lists the words that made it decide, as many as it likes. */
export const unbound: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.unbound',
		title: 'Prompting (unbound)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Fayyaz et al. 2024 (arXiv 2407.00219), unbound; wording ours',
	},
	prompt: unboundPrompt,
	matching: { repeated: 'all', spelling: false },
};

import { freshPrompt } from '../../prompts/fresh.ts';
import type { PromptMethod } from './method.ts';

/** The model lists the words in a conversation that does not show its prediction. */
export const fresh: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.fresh',
		title: 'Prompting (fresh conversation)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Madsen et al. 2024, independent session; wording ours',
	},
	prompt: freshPrompt,
	matching: { repeated: 'all', spelling: false },
};

import { counterfactualPrompt } from '../../prompts/counterfactual.ts';
import type { PromptMethod } from './method.ts';

/** The model changes the text so that the most probable other label fits; the words it replaced are the rationale. */
export const counterfactual: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.counterfactual',
		title: 'Prompting (counterfactual)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Madsen et al. 2024 and Randl et al. 2024, counterfactual; wording ours',
	},
	prompt: counterfactualPrompt,
	matching: { repeated: 'first', spelling: false },
	reading: 'counterfactual',
};

import { scoresPrompt } from '../../prompts/scores.ts';
import type { PromptMethod } from './method.ts';

/** The model gives every word a number from 0 to 10; words it leaves out have no score. */
export const scores: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.scores',
		title: 'Prompting (scores)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Huang et al. 2023, score per word; wording ours',
	},
	prompt: scoresPrompt,
	matching: { repeated: 'first', spelling: false },
	reading: 'scores',
};

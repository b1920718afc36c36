import { topKPrompt } from '../../prompts/topK.ts';
import type { PromptMethod } from './method.ts';

/** The model lists the k words that made it decide most; k comes from a selection (`top_var`, `top_ratio`, `top_k`). */
export const topK: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.top_k',
		title: 'Prompting (top k)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Fayyaz et al. 2024 (arXiv 2407.00219), guided; wording ours',
	},
	prompt: topKPrompt,
	matching: { repeated: 'all', spelling: false },
};

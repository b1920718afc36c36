import { topKPrompt } from '../../prompts/topK.ts';
import type { PromptMethod } from './method.ts';

/** As `prompt.top_k`, with k the dataset’s mean share of annotated words, of this example’s words. */
export const topRatio: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.top_ratio',
		title: 'Prompting (top ratio)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Fayyaz et al. 2024 (arXiv 2407.00219), guided with Top-Ratio; wording ours',
	},
	prompt: topKPrompt,
	matching: { repeated: 'all', spelling: false },
	guidedBy: 'top_ratio',
};

import { redactPrompt } from '../../prompts/redact.ts';
import type { PromptMethod } from './method.ts';

/** The model rewrites the text with a marker in the place of the words that made it decide. */
export const redact: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.redact',
		title: 'Prompting (redaction)',
		family: 'prompting',
		needs: 'generation',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Madsen et al. 2024, redaction; wording ours',
	},
	prompt: redactPrompt,
	matching: { repeated: 'first', spelling: false },
	reading: 'redaction',
};

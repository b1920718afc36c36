import { unboundPrompt } from '../../prompts/unbound.ts';
import type { PromptMethod } from './method.ts';

/**
 * Asked as `prompt.unbound` asks, the model can answer with nothing but a list of words of the text, each at most as
 * often as it occurs: at every step the most probable token among those that go on with such a list. Every answer is
 * valid, no item has to be matched, and the n-th time a word is listed stands for its n-th place in the text.
 */
export const constrained: PromptMethod = {
	kind: 'prompt',
	declaration: {
		id: 'prompt.constrained',
		title: 'Prompting (constrained)',
		family: 'prompting',
		needs: 'constrainedGeneration',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'ours: prompt.unbound, decoded over the words of the text only',
		diagnostics: { unspellableWords: 'words that no list can hold' },
	},
	prompt: unboundPrompt,
	matching: { repeated: 'first', spelling: false },
	isConstrained: true,
};

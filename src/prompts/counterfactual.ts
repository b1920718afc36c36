/**
 * `prompt.counterfactual/1`: the smallest change of the text that would change the answer (as Madsen et al. 2024 and Randl
 * et al. 2024; wording ours).
 */
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { parseRewriting } from './answerParsing.ts';
import { verbalizerOf } from './classification.ts';
import { followUpMessages, followUpWording } from './followUp.ts';
import type { RationalePrompt } from './prompt.ts';

const REQUEST =
	'Change as few words of the text as possible so that the answer becomes: {other}. Write only the changed text.';

export const counterfactualPrompt = {
	kind: 'rationale',
	id: 'prompt.counterfactual/1',
	version: 1,
	wording: followUpWording(REQUEST, '{changed text}'),
	length: 'free',
	messages: (task: Task, example: Example, predicted: string, _: number, foil: string) =>
		followUpMessages(
			task,
			example,
			predicted,
			REQUEST.replace('{other}', () => verbalizerOf(task, foil)),
			null,
		),
	answer: (words: readonly string[]) => words.join(' '),
	parse: parseRewriting,
} as const satisfies RationalePrompt;

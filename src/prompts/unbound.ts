/**
 * `prompt.unbound/1`: the model lists as many words as it likes (Fayyaz et al. 2024, "unbound"; the wording is ours).
 */
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { formatWordList, parseWordList } from './answerParsing.ts';
import { followUpMessages, followUpWording } from './followUp.ts';
import type { RationalePrompt } from './prompt.ts';

const REQUEST = 'List the words of the text that made you decide, copied unchanged, as a JSON array.';

export const unboundPrompt = {
	kind: 'rationale',
	id: 'prompt.unbound/1',
	version: 1,
	wording: followUpWording(REQUEST),
	length: 'free',
	messages: (task: Task, example: Example, predicted: string) => followUpMessages(task, example, predicted, REQUEST),
	answer: formatWordList,
	parse: parseWordList,
} as const satisfies RationalePrompt;

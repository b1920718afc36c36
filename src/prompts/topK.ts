/** `prompt.top_k/1`: the model is given the number of words (Fayyaz et al. 2024, "guided"; the wording is ours). */
import { InternalError } from '../core/errors.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { formatWordList, parseWordList } from './answerParsing.ts';
import { listOfWords } from './demonstrations.ts';
import { followUpMessages, followUpWording } from './followUp.ts';
import type { RationalePrompt } from './prompt.ts';

const ONE = 'List the 1 word of the text that made you decide most, copied unchanged, as a JSON array.';
const MANY =
	'List the {k} words of the text that made you decide most, most important first, copied unchanged, as a JSON array.';

export const topKPrompt = {
	kind: 'rationale',
	id: 'prompt.top_k/1',
	version: 1,
	wording: `${followUpWording(MANY)}\nor, for k = 1, user: ${ONE}`,
	length: 'given',
	messages: (task: Task, example: Example, predicted: string, k: number) =>
		followUpMessages(task, example, predicted, requestFor(k), (shown, marked) => ({
			request: requestFor(marked.length),
			answer: listOfWords(shown, marked),
		})),
	answer: formatWordList,
	parse: parseWordList,
} as const satisfies RationalePrompt;

function requestFor(k: number): string {
	if (!Number.isInteger(k) || k < 1) throw new InternalError(`prompt.top_k/1 asked for ${k} words`);
	return k === 1 ? ONE : MANY.replace('{k}', String(k));
}

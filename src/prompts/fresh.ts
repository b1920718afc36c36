/** `prompt.fresh/1`: asked in a conversation of its own, which shows no prediction (as Madsen et al. 2024; wording ours). */
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { formatWordList, parseWordList } from './answerParsing.ts';
import { classificationPrompt } from './classification.ts';
import { demonstrationTurns, listOfWords, withoutDemonstrations } from './demonstrations.ts';
import { placeholderExample, placeholderTask, type RationalePrompt, wordingOf } from './prompt.ts';

const REQUEST =
	'Do not answer the question. List the words of the text that decide the answer, copied unchanged, as a JSON array.';

export const freshPrompt = {
	kind: 'rationale',
	id: 'prompt.fresh/1',
	version: 1,
	wording: wordingOf([
		...freshMessages(placeholderTask, placeholderExample),
		{ role: 'assistant', content: '["{word}", "{word}"]' },
	]),
	length: 'free',
	messages: freshMessages,
	answer: formatWordList,
	parse: parseWordList,
} as const satisfies RationalePrompt;

/** Returns one user turn, after one with its answer for each annotated demonstration. */
function freshMessages(task: Task, example: Example): ChatMessage[] {
	const shown = demonstrationTurns(task, (plain, demonstration, marked): ChatMessage[] => {
		if (marked.length === 0) return [];
		const answer = listOfWords(demonstration, marked);
		return [...question(plain, demonstration), { role: 'assistant', content: answer }];
	});
	return [...shown, ...question(withoutDemonstrations(task), example)];
}

/** Returns one user turn: the text, the question as such, the request. */
function question(task: Task, example: Example): ChatMessage[] {
	const shown = classificationPrompt.messages(task, example).filter(({ role }) => role === 'user');
	const text = shown.map(({ content }) => content).join('\n');
	return [{ role: 'user', content: `${text}\n\nQuestion: ${task.instruction}\n${REQUEST}` }];
}

/**
 * `prompt.explain_first/1`: explain, then predict. Words and label come in one answer, so the label is conditioned on the
 * words; it is kept beside the answer. Flip rates use the label of the classification prompt, as for all methods
 * (docs/methods.md C.4).
 */
import type { Example } from '../core/example.ts';
import { present } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { formatWordList, parseWordList } from './answerParsing.ts';
import { classificationPrompt, verbalizerOf } from './classification.ts';
import { demonstrationTurns, listOfWords, withoutDemonstrations } from './demonstrations.ts';
import { placeholderExample, placeholderTask, type RationalePrompt, wordingOf } from './prompt.ts';

const REQUEST =
	'First list the words of the text that decide the answer, copied unchanged, as a JSON array. Then give the answer on a new line.';

export const explainFirstPrompt = {
	kind: 'rationale',
	id: 'prompt.explain_first/1',
	version: 1,
	wording: wordingOf([
		...explainFirstMessages(placeholderTask, placeholderExample),
		{ role: 'assistant', content: '["{word}", "{word}"]\n{verbalizer}' },
	]),
	length: 'free',
	messages: explainFirstMessages,
	answer: formatWordList,
	parse: parseWordList,
	label: (task: Task, answer: string) =>
		classificationPrompt.parse(task, answer.slice(answer.lastIndexOf(']') + 1).replace(/^\s*answer:/iu, '')),
} as const satisfies RationalePrompt;

/** Returns the classification turns with the request after the text, and words and label of annotated demonstrations. */
function explainFirstMessages(task: Task, example: Example): ChatMessage[] {
	const shown = demonstrationTurns(task, (plain, demonstration, marked): ChatMessage[] => {
		if (marked.length === 0) return [];
		const label = verbalizerOf(plain, present(demonstration.label, 'label of a few-shot example'));
		const [, ...turns] = asked(plain, demonstration);
		return [...turns, { role: 'assistant', content: `${listOfWords(demonstration, marked)}\n${label}` }];
	});
	const [system, ...turns] = asked(withoutDemonstrations(task), example);
	return [...(system === undefined ? [] : [system]), ...shown, ...turns];
}

function asked(task: Task, example: Example): ChatMessage[] {
	return classificationPrompt
		.messages(task, example)
		.map((message) => (message.role === 'user' ? { ...message, content: `${message.content}\n${REQUEST}` } : message));
}

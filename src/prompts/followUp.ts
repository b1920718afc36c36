/** Predict, then explain: the request for words follows the model's own prediction in the same conversation. */
import type { Example } from '../core/example.ts';
import { present } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { classificationPrompt } from './classification.ts';
import { demonstrationTurns, listOfWords, withoutDemonstrations } from './demonstrations.ts';
import { placeholderExample, placeholderTask, wordingOf } from './prompt.ts';

/** How a request and its answer read in a demonstration, of which a person marked these words. */
export type Demonstrate = (
	shown: Example,
	marked: readonly number[],
) => { readonly request: string; readonly answer: string };

/**
 * Returns the classification turns, the answer for the predicted label and the request as the next user turn. Annotated
 * demonstrations are shown with request and answer, all others (and all without `demonstrate`) with their label alone.
 */
export function followUpMessages(
	task: Task,
	example: Example,
	predicted: string,
	request: string,
	demonstrate: Demonstrate | null = (shown, marked) => ({ request, answer: listOfWords(shown, marked) }),
): ChatMessage[] {
	const shown = demonstrationTurns(task, (plain, demonstration, marked): ChatMessage[] => {
		const [, ...turns] = classified(plain, demonstration, present(demonstration.label, 'label of a few-shot example'));
		if (demonstrate === null || marked.length === 0) return turns;
		const said = demonstrate(demonstration, marked);
		return [...turns, { role: 'user', content: said.request }, { role: 'assistant', content: said.answer }];
	});
	const [system, ...turns] = classified(withoutDemonstrations(task), example, predicted);
	return [...(system === undefined ? [] : [system]), ...shown, ...turns, { role: 'user', content: request }];
}

function classified(task: Task, example: Example, label: string): ChatMessage[] {
	const answer = classificationPrompt.answer(task, label);
	return [...classificationPrompt.messages(task, example), { role: 'assistant', content: answer }];
}

/** Returns the wording of such a conversation. */
export function followUpWording(request: string, answer = '["{word}", "{word}"]'): string {
	return wordingOf([
		...followUpMessages(placeholderTask, placeholderExample, 'label', request),
		{ role: 'assistant', content: answer },
	]);
}

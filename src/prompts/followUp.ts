/** Predict, then explain: the request for words follows the model's own prediction in the same conversation. */
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { classificationPrompt } from './classification.ts';
import { placeholderExample, placeholderTask, wordingOf } from './prompt.ts';

/** Returns the classification turns, the answer for the predicted label and the request as the next user turn. */
export function followUpMessages(task: Task, example: Example, predicted: string, request: string): ChatMessage[] {
	return [
		...classificationPrompt.messages(task, example),
		{ role: 'assistant', content: classificationPrompt.answer(task, predicted) },
		{ role: 'user', content: request },
	];
}

/** Returns the wording of such a conversation. */
export function followUpWording(request: string, answer = '["{word}", "{word}"]'): string {
	return wordingOf([
		...followUpMessages(placeholderTask, placeholderExample, 'label', request),
		{ role: 'assistant', content: answer },
	]);
}

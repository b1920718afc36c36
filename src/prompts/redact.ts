/** `prompt.redact/1`: the model rewrites the text without the words that decided (as Madsen et al. 2024; wording ours). */
import { type Example, exampleWords } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import { parseRewriting } from './answerParsing.ts';
import { followUpMessages, followUpWording } from './followUp.ts';
import type { RationalePrompt } from './prompt.ts';

/** What stands in the place of a word. */
export const REDACTION_MARKER = '[REDACTED]';

const REQUEST = `Write the text again with every word that made you decide replaced by ${REDACTION_MARKER}, and nothing else changed.`;

export const redactPrompt = {
	kind: 'rationale',
	id: 'prompt.redact/1',
	version: 1,
	wording: followUpWording(REQUEST, `{text with ${REDACTION_MARKER}}`),
	length: 'free',
	messages: (task: Task, example: Example, predicted: string) =>
		followUpMessages(task, example, predicted, REQUEST, (shown, marked) => ({
			request: REQUEST,
			answer: redacted(shown, marked),
		})),
	answer: (words: readonly string[]) => words.map(() => REDACTION_MARKER).join(' '),
	parse: parseRewriting,
} as const satisfies RationalePrompt;

/** Returns the texts of a demonstration, a line each, with the marker in the place of every marked word. */
function redacted(shown: Example, marked: readonly number[]): string {
	const words = exampleWords(shown);
	return shown.segments
		.map(({ text }, segment) => {
			const hidden = marked.map((number) => itemAt(words, number)).filter((word) => word.segment === segment);
			return hidden.reduceRight(
				(rest, { span }) => rest.slice(0, span.start) + REDACTION_MARKER + rest.slice(span.end),
				text,
			);
		})
		.join('\n');
}

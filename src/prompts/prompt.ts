/**
 * What a prompt is: a versioned wording in a pair with the parser of its answer. Any change of wording is a new
 * version.
 */
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import type { ParsedAnswer } from './answerParsing.ts';

/** What the report prints of a prompt. */
export interface PromptText {
	/** Name and version: `classification/1`. */
	readonly id: string;
	readonly version: number;
	/** The turns, one per line as `role: content`, with placeholders in braces. */
	readonly wording: string;
}

/** Asks for the label. */
export interface ClassificationPrompt extends PromptText {
	readonly kind: 'classification';
	/** Returns the turns up to the assistant's answer. */
	messages(task: Task, example: Example): ChatMessage[];
	/** Returns the answer that stands for a label. */
	answer(task: Task, label: string): string;
	/** Returns the label an answer stands for, null where it stands for none. */
	parse(task: Task, answer: string): string | null;
}

/** Asks for the words that made the model predict `predicted`, most forms in the same conversation. */
export interface RationalePrompt extends PromptText {
	readonly kind: 'rationale';
	/** Whether the model chooses how many words it lists or is given the number `k`. */
	readonly length: 'free' | 'given';
	/**
	 * Returns the turns up to the assistant's list; `k` (>= 1) is read where `length` is `given`, `foil` (the most
	 * probable other label) by forms that ask for a changed text.
	 */
	messages(task: Task, example: Example, predicted: string, k: number, foil: string): ChatMessage[];
	/** Returns the answer that lists the words. */
	answer(words: readonly string[]): string;
	parse(answer: string): ParsedAnswer;
	/** Returns the label that the answer itself gives, null where it gives none; for forms that ask for both. */
	label?(task: Task, answer: string): string | null;
}

/** Returns what of a prompt decides its answers: a part of cells' ids. */
export function promptContent({ id, wording }: PromptText): unknown {
	return [id, wording];
}

/** Returns turns as the text a report prints. */
export function wordingOf(messages: readonly ChatMessage[]): string {
	return messages.map(({ role, content }) => `${role}: ${content}`).join('\n');
}

/** A task whose texts are placeholders: what a wording is rendered from. */
export const placeholderTask: Task = {
	id: 'placeholder',
	instruction: '{instruction}',
	segmentTitles: { segment: '{segment title}' },
	labels: ['label'],
	verbalizers: { label: '{verbalizer}' },
};

/** The example that goes with `placeholderTask`. */
export const placeholderExample: Example = {
	id: 'placeholder',
	segments: [{ name: 'segment', text: '{segment text}', words: [] }],
	label: null,
	annotations: [],
};

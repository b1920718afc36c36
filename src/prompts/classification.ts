/** `classification/1`: the task's instruction, then one line per segment; the answer is the verbalizer, after the task's prefix. */
import { UserError } from '../core/errors.ts';
import type { Example, Segment } from '../core/example.ts';
import { labelAtStart } from '../core/labelText.ts';
import { itemAt, present } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage } from '../llm/languageModel.ts';
import { placeholderExample, placeholderTask, wordingOf } from './prompt.ts';
import type { ClassificationPrompt } from './prompt.ts';

export const classificationPrompt = {
	kind: 'classification',
	id: 'classification/1',
	version: 1,
	wording: wordingOf([
		...classificationMessages(placeholderTask, placeholderExample),
		{ role: 'assistant', content: answerOf(placeholderTask, 'label') },
	]),
	messages: classificationMessages,
	answer: answerOf,
	parse: parseLabel,
} as const satisfies ClassificationPrompt;

/** Returns the system turn (the instruction), a user and an assistant turn per demonstration, and the user turn. */
function classificationMessages(task: Task, example: Example): ChatMessage[] {
	const shown = (task.demonstrations ?? []).flatMap((demonstration): ChatMessage[] => [
		{ role: 'user', content: userTurn(task, demonstration) },
		{ role: 'assistant', content: answerOf(task, present(demonstration.label, 'label of a few-shot example')) },
	]);
	return [{ role: 'system', content: task.instruction }, ...shown, { role: 'user', content: userTurn(task, example) }];
}

/** Returns the task's user turn with the texts in their places, or `Title: text` per segment, in order. */
function userTurn(task: Task, example: Example): string {
	if (task.userTurn === undefined) {
		return example.segments.map((segment) => `${titleOf(task, segment)}: ${segment.text}`).join('\n');
	}
	const texts = new Map(example.segments.map(({ name, text }) => [`{${name}}`, text]));
	return task.userTurn.replaceAll(/\{[^{}]*\}/gu, (place) => texts.get(place) ?? place);
}

/** Returns the string that stands for a label. Throws a UserError for a label the task does not have. */
export function verbalizerOf(task: Task, label: string): string {
	const verbalizer = task.verbalizers[label];
	if (verbalizer === undefined) throw noEntry(task, 'verbalizer for label', label, task.verbalizers);
	return verbalizer;
}

/** Returns the assistant's turn for a label: what it begins with, and the verbalizer. */
function answerOf(task: Task, label: string): string {
	return (task.answerPrefix ?? '') + verbalizerAfterPrefix(task, label);
}

/** Returns the verbalizer as it follows what the assistant's turn begins with: after a space, where it follows a word. */
export function verbalizerAfterPrefix(task: Task, label: string): string {
	const { answerPrefix = '' } = task;
	return (/\S$/u.test(answerPrefix) ? ' ' : '') + verbalizerOf(task, label);
}

/**
 * Returns with what a model may begin its answer for a label, as it is written first: with and without a space before it, as
 * written, capitalised and in small letters; the first alone where the task asks for it.
 */
export function spellingsOf(task: Task, label: string): string[] {
	const exact = verbalizerAfterPrefix(task, label);
	if (task.spellings === 'exact') return [exact];
	const word = exact.trimStart();
	// A single letter in small is another word: "a" begins many answers that do not mean A.
	const small = Array.from(word).length > 1 ? [word.toLowerCase()] : [];
	const written = [word, capitalised(word), ...small];
	return [...new Set([exact, ...written, ...written.map((form) => ` ${form}`)])];
}

function capitalised(word: string): string {
	const [first = ''] = word;
	return first.toUpperCase() + word.slice(first.length);
}

/** Returns the label whose verbalizer the answer begins with; null where there is none. */
function parseLabel(task: Task, answer: string): string | null {
	const found = labelAtStart(
		answer,
		task.labels.map((label) => verbalizerOf(task, label)),
	);
	return found === null ? null : itemAt(task.labels, found);
}

function titleOf(task: Task, segment: Segment): string {
	const title = task.segmentTitles[segment.name];
	if (title === undefined) throw noEntry(task, 'title for segment', segment.name, task.segmentTitles);
	return title;
}

function noEntry(task: Task, what: string, name: string, record: Readonly<Record<string, string>>): UserError {
	return new UserError(`task "${task.id}": no ${what} "${name}". Known: ${Object.keys(record).join(', ')}.`);
}

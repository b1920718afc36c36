/**
 * A text that holds a token by which the model tells turns apart would be read as a turn of its own. Whatever people write goes
 * through here: texts, shown and learnt examples, instructions, titles, answers.
 */
import { UserError } from '../core/errors.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';

/** What a model reads as control. */
export interface ControlTokens {
	/** Every string the tokenizer reads as a control token, or the template writes as one: `<|end|>`, `</s>`, `[INST]`, `<think>`. */
	readonly controlTokens: readonly string[];
}

/** Returns the first control token that a text holds, or undefined. */
export function controlTokenIn({ controlTokens }: ControlTokens, text: string): string | undefined {
	return controlTokens.find((token) => token !== '' && text.includes(token));
}

/** Throws a `UserError` where a text of the example holds a control token; `what` says which example it is. */
export function refuseControlInExample(model: ControlTokens, example: Example, what = 'example'): void {
	for (const { name, text } of example.segments)
		refuseControl(model, `${what} "${example.id}", segment "${name}": the text`, text, ' or leave the example out');
}

/** Throws a `UserError` where anything that a task says to the model, or shows it, holds a control token. */
export function refuseControlInTask(model: ControlTokens, task: Task): void {
	const where = (what: string): string => `task "${task.id}": ${what}`;
	refuseControl(model, where('the instruction'), task.instruction);
	if (task.userTurn !== undefined) refuseControl(model, where('the user turn'), task.userTurn);
	if (task.answerPrefix !== undefined) refuseControl(model, where('the answer prefix'), task.answerPrefix);
	for (const [name, title] of Object.entries(task.segmentTitles))
		refuseControl(model, where(`the title of segment "${name}"`), title);
	for (const [label, answer] of Object.entries(task.verbalizers))
		refuseControl(model, where(`the answer for label "${label}"`), answer);
	for (const shown of task.demonstrations ?? []) refuseControlInExample(model, shown, 'few-shot example');
}

function refuseControl(model: ControlTokens, where: string, text: string, otherwise = ''): void {
	const token = controlTokenIn(model, text);
	if (token === undefined) return;
	throw new UserError(
		`${where} contains ${JSON.stringify(token)}, which this model reads as a control token. ` +
			`Take it out (a space inside is enough)${otherwise}.`,
	);
}

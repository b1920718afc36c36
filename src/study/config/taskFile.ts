/** Task files: what a model is asked about a dataset, in words that a person can edit (`tasks/*.yaml`). */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import { parseCheckedYaml } from '../../files/checkedYaml.ts';

const text = z.string().min(1, 'must not be empty');

const wordingSchema = z
	.strictObject({
		id: z.string().regex(/^[a-z0-9-]+$/u, 'must be small letters, digits and hyphens'),
		/** The system turn, where it differs. */
		system: text.optional(),
		/** The user turn, where it differs. */
		user: text.optional(),
	})
	.refine(({ system, user }) => system !== undefined || user !== undefined, 'changes neither "system" nor "user"');

/** What the assistant's turn begins with; the answer brings the space before it. */
export const answerPrefix = text
	.transform((value) => value.replace(/[ \t]+$/u, ''))
	.refine((value) => value.trim() !== '', 'must not be blank');

/** What a chat template is told, by name. */
export const templateVariables = z.record(text, z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** That a model thinks before it says a label. */
export const reasoningSchema = z.strictObject({
	/** Most tokens of a thought. */
	tokens: z.int('expected a whole number').min(1, 'must be at least 1'),
	/** About masked texts the model thinks anew, or its thought about the whole text is kept. */
	masked: z.enum(['anew', 'kept']).default('anew'),
});

const taskFileSchema = z
	.strictObject({
		id: text,
		/** Raised with every change of wording: results of two wordings are not one. */
		version: z.int('expected a whole number').min(1, 'must be at least 1'),
		/** The system turn: what to decide; `{labels}` stands for the answers to choose from. */
		system: text,
		/** The user turn; `{name}` stands for the text of the segment of that name. */
		user: text,
		/** What a segment is called, by its name. */
		segments: z.record(text, text),
		/** The answer that stands for a label, by label, in the order in which they are listed to the model. */
		labels: z.record(text, text),
		/** What the assistant's turn begins with, before the answer: `Occupation:`. */
		answerPrefix: answerPrefix.optional(),
		/** What the model's chat template is told, where it reads these names: `enable_thinking: false`. */
		template: templateVariables.optional(),
		/** How a model thinks before it says a label. */
		reasoning: reasoningSchema.optional(),
		/** Other ways to ask the same, for the sensitivity check. */
		wordings: z.array(wordingSchema).default([]),
	})
	.superRefine(({ system, user, segments, labels, wordings }, context) => {
		const issue = (path: (string | number)[], message: string): void =>
			context.addIssue({ code: 'custom', path, message });
		if (Object.keys(labels).length < 2) issue(['labels'], 'a task needs at least two labels');
		const answers = Object.values(labels);
		const twice = answers.find((answer, i) => answers.indexOf(answer) !== i);
		if (twice !== undefined) issue(['labels'], `"${twice}" stands for two labels`);
		const names = Object.keys(segments);
		const checkUser = (path: (string | number)[], turn: string): void => {
			for (const problem of userTurnProblems(turn, names)) issue(path, problem);
		};
		const checkSystem = (path: (string | number)[], turn: string): void => {
			if (!turn.includes('{labels}')) issue(path, 'does not say {labels}: the model is not told what to choose from');
		};
		checkUser(['user'], user);
		checkSystem(['system'], system);
		for (const [i, wording] of wordings.entries()) {
			if (wording.user !== undefined) checkUser(['wordings', i, 'user'], wording.user);
			if (wording.system !== undefined) checkSystem(['wordings', i, 'system'], wording.system);
			if (wordings.findIndex(({ id }) => id === wording.id) !== i)
				issue(['wordings', i, 'id'], 'the name is used twice');
		}
	});

/** Every segment must stand in the user turn once: a turn that drops one asks about another text. */
function userTurnProblems(turn: string, names: readonly string[]): string[] {
	const problems = names.flatMap((name) => {
		const count = turn.split(`{${name}}`).length - 1;
		if (count === 1) return [];
		return [count === 0 ? `drops the segment "{${name}}"` : `has the segment "{${name}}" ${count} times`];
	});
	const strange = [...turn.matchAll(/\{([^{}]*)\}/gu)]
		.map((match) => itemAt(match, 1))
		.find((name) => !names.includes(name));
	if (strange !== undefined) problems.push(`names the segment "{${strange}}"; the segments are ${names.join(', ')}`);
	return problems;
}

/** One more way to ask the same. */
export interface Wording {
	readonly id: string;
	readonly task: Task;
}

export interface TaskFile {
	readonly task: Task;
	readonly wordings: readonly Wording[];
	/** Returns the task with its answers listed in this order. */
	readonly inOrder: (labels: readonly string[]) => Task;
}

/** Returns the path of a task file that comes with the program. */
export function bundledTaskPath(name: string): string {
	const path = fileURLToPath(new URL(`../../../tasks/${name}.yaml`, import.meta.url));
	if (existsSync(path)) return path;
	throw new UserError(`The task file "${name}" is not at ${path}. Install the program again.`);
}

/** Returns the task of a file. Throws a `UserError` with line and key of everything that is wrong. */
export async function loadTaskFile(path: string): Promise<TaskFile> {
	const content = await readFile(path, 'utf8').catch((error: unknown) => {
		throw new UserError(`${path}: cannot be read (${messageOf(error)}). Give the path of a task file (YAML).`);
	});
	return parseTaskFile(content, path);
}

/** Returns the task of a text; `path` is the file it stands in. Throws as `loadTaskFile` does. */
export function parseTaskFile(content: string, path: string): TaskFile {
	const {
		id,
		version,
		system,
		user,
		segments,
		labels,
		wordings,
		template,
		reasoning,
		answerPrefix: prefix,
	} = parseCheckedYaml(taskFileSchema, content, path);
	const answers = Object.values(labels);
	const written = (turn: string): string => turn.replaceAll('{labels}', () => listed(answers));
	const task: Task = {
		id: `${id}/${version}`,
		instruction: written(system),
		segmentTitles: segments,
		labels: Object.keys(labels),
		verbalizers: labels,
		userTurn: user,
		...(template === undefined ? {} : { template }),
		...(prefix === undefined ? {} : { answerPrefix: prefix }),
		...(reasoning === undefined ? {} : { reasoning }),
	};
	return {
		task,
		inOrder: (order) => ({
			...task,
			instruction: system.replaceAll('{labels}', () => listed(order.map((label) => labels[label] ?? label))),
		}),
		wordings: wordings.map((wording) => ({
			id: wording.id,
			task: {
				...task,
				instruction: wording.system === undefined ? task.instruction : written(wording.system),
				userTurn: wording.user ?? user,
			},
		})),
	};
}

/** Returns `a, b or c`. */
export function listed(answers: readonly string[]): string {
	if (answers.length < 2) return answers.join('');
	return `${answers.slice(0, -1).join(', ')} or ${answers.at(-1)}`;
}

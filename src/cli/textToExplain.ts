/** From the arguments of `explain` to a task and an example. */
import { unknownName, UserError } from '../core/errors.ts';
import { cutSegment, type Example } from '../core/example.ts';
import { contentId } from '../core/ids.ts';
import { present, zip } from '../core/present.ts';
import type { WordRule } from '../core/words.ts';
import type { Task } from '../core/task.ts';
import { namedTask } from '../study/data/namedTask.ts';

export interface TextArguments {
	/** Words or segment texts, in order. */
	readonly texts: readonly string[];
	/** `name=text`. */
	readonly segments: readonly string[];
	/** Name of a dataset, or of a task file. */
	readonly task: string;
	/** One's own labels instead, separated by commas. */
	readonly labels?: string | undefined;
	readonly instruction?: string | undefined;
	/** How texts are cut into words. */
	readonly words?: WordRule | undefined;
}

/** Returns the task and the text to decide on. Throws `UserError` for segments or labels that do not fit together. */
export async function textToExplain(given: TextArguments): Promise<{ readonly task: Task; readonly example: Example }> {
	const named = given.segments.map(namedSegment);
	const task = given.labels === undefined ? await taskOf(given) : ownTask(given, named);
	const texts = named.length > 0 ? textsByName(given, task, named) : textsInOrder(given, task);
	const segments = texts.map(([name, text]) => cutSegment(name, text, given.words));
	return { task, example: { id: `text-${contentId(texts)}`, segments, label: null, annotations: [] } };
}

type NamedText = readonly [name: string, text: string];

async function taskOf({ task, instruction }: TextArguments): Promise<Task> {
	if (instruction !== undefined) {
		throw new UserError(
			'--instruction goes with labels of your own. Add --labels, for example --labels positive,negative.',
		);
	}
	return await namedTask(task, '--task');
}

function ownTask({ labels = '', instruction }: TextArguments, named: readonly NamedText[]): Task {
	const names = labels
		.split(',')
		.map((label) => label.trim())
		.filter((label) => label !== '');
	if (names.length < 2 || new Set(names).size < names.length) {
		throw new UserError(`--labels: at least two different labels, separated by commas, are needed; got "${labels}".`);
	}
	const segments = named.length > 0 ? named.map(([name]) => name) : ['text'];
	return {
		id: 'own',
		instruction: instruction ?? `Classify the text. Answer with one of: ${names.join(', ')}.`,
		segmentTitles: Object.fromEntries(segments.map((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])),
		labels: names,
		verbalizers: Object.fromEntries(names.map((name) => [name, name])),
	};
}

function namedSegment(argument: string): NamedText {
	const [, name, text] = /^([^=\s]+)=(.*)$/su.exec(argument) ?? [];
	if (name !== undefined && text !== undefined) return [name, text];
	throw new UserError(`--segment: expected name=text, for example premise="A dog runs."; got "${argument}".`);
}

/** Returns the texts in the task's order. */
function textsByName({ texts }: TextArguments, task: Task, named: readonly NamedText[]): NamedText[] {
	const needed = Object.keys(task.segmentTitles);
	const [extra] = texts;
	if (extra !== undefined)
		throw new UserError(`Give the text either as --segment or without, not both; got "${extra}".`);
	for (const [i, [name]] of named.entries()) {
		if (!needed.includes(name)) throw unknownName('--segment', `segment of ${task.id}`, name, needed);
		if (named.findIndex(([other]) => other === name) < i) throw new UserError(`--segment: "${name}" is given twice.`);
	}
	const missing = needed.filter((name) => named.every(([other]) => other !== name));
	if (missing.length > 0) throw missingSegments(task, missing);
	return needed.map((name) =>
		present(
			named.find(([other]) => other === name),
			`segment ${name}`,
		),
	);
}

/** A text of one segment may come in several arguments: words without quotes around them. */
function textsInOrder({ texts }: TextArguments, task: Task): NamedText[] {
	const needed = Object.keys(task.segmentTitles);
	const [only] = needed;
	if (texts.length === 0) throw missingSegments(task, needed);
	if (only !== undefined && needed.length === 1) return [[only, texts.join(' ')]];
	if (texts.length === needed.length) return zip(needed, texts);
	throw missingSegments(task, needed);
}

function missingSegments(task: Task, names: readonly string[]): UserError {
	const needed = Object.keys(task.segmentTitles);
	const example = names.map((name) => `--segment ${name}="…"`).join(' ');
	return new UserError(
		needed.length === 1
			? 'There is no text to explain. Give it as an argument, or "-" to read it from standard input.'
			: `Task "${task.id}" is about ${needed.join(' and ')}: give ${example}, or the ${needed.length} texts in that order, each in quotes.`,
	);
}

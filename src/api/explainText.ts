/** One text explained, with the task and the text in whatever form they are at hand. */
import { z } from 'zod';
import { InterruptedError, unknownName, UserError } from '../core/errors.ts';
import { cutSegment, type Example } from '../core/example.ts';
import { contentId } from '../core/ids.ts';
import type { Task } from '../core/task.ts';
import { type WordRule, wordRules } from '../core/words.ts';
import { defaultMethods } from '../explain/text/defaultMethods.ts';
import { explainText as explainExample } from '../explain/text/explainText.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import { type MaskingId, maskings } from '../rationales/masking.ts';
import { type MethodId, methodIds } from '../rationales/methods.ts';
import { type TargetId, targets } from '../rationales/targets.ts';
import type { TextExplanation } from '../records/explanation.ts';
import { namedTask } from '../study/data/namedTask.ts';
import { checkedOptions } from './checkedOptions.ts';

/** A text of the task's only segment, the texts of all segments in order or by name, or a whole example. */
export type TextInput = string | readonly string[] | Readonly<Record<string, string>> | Example;

const idsOf = <K extends string>(record: Readonly<Record<K, unknown>>) => z.enum(Object.keys(record) as [K, ...K[]]);
const count = z.int('expected a whole number').min(1, 'must be at least 1').nullable().default(null);

const schema = z.strictObject({
	/** Which methods are asked; `methods` lists them. */
	methods: z
		.array(z.enum(methodIds as readonly [MethodId, ...MethodId[]]))
		.min(1, 'must name at least one')
		.readonly()
		.default(defaultMethods),
	/** How many words a scoring method chooses; null for a fifth of the words. */
	wordCount: count,
	/** How texts are cut into words: between white space where their script has any, or by Unicode's segmenter everywhere. */
	words: z.enum(wordRules).optional(),
	/** How words are taken away. */
	masking: idsOf<MaskingId>(maskings).default('space'),
	/** The label to contrast the prediction with; null for the default target. */
	foil: z.string().nullable().default(null),
	/** What gradients explain; null for the default of the number of labels. */
	target: idsOf<TargetId>(targets).nullable().default(null),
	/** What is scored and taken away together: a number stands for so many words. */
	unit: z.union([z.enum(['word', 'sentence', 'segment']), z.int().min(1)]).default('word'),
	/** Most prompts a perturbation method may score; null for each method's own number. */
	evaluations: count,
	/** Decides random words and the order of equals. */
	seed: z.int().default(1),
	/** Aborting ends the explanation with `InterruptedError` before the next call to the model. */
	signal: z.instanceof(AbortSignal).optional(),
	/** Told before each call to the model. */
	onStep: z.custom<() => void>((value) => typeof value === 'function', 'expected a function').optional(),
});

export type ExplainTextOptions = z.input<typeof schema>;

/**
 * Returns what each method says about a text, and whether the prediction changes without its words.
 * @param task the name of a dataset, the path of a task file (`.yaml`), or a task.
 * @throws UserError for a task, text or option that does not fit, and for a text the model cannot be asked about (too long,
 * with control tokens, without words); InterruptedError once it is stopped.
 */
export async function explainText(
	model: LanguageModel,
	task: string | Task,
	text: TextInput,
	options: ExplainTextOptions = {},
): Promise<TextExplanation> {
	const { signal, onStep, words, ...settings } = checkedOptions(schema, options, 'explainText');
	const known = typeof task === 'string' ? await namedTask(task, 'explainText') : task;
	if (settings.foil !== null && !known.labels.includes(settings.foil)) {
		throw unknownName('explainText (foil)', 'label', settings.foil, known.labels);
	}
	const step = (): void => {
		if (signal?.aborted === true) throw new InterruptedError('Stopped.');
		onStep?.();
	};
	return explainExample(model, known, exampleOf(text, known, words), { ...settings, step });
}

function exampleOf(text: TextInput, task: Task, words: WordRule | undefined): Example {
	if (isExample(text)) return text;
	const texts = textsByName(text, task);
	const segments = texts.map(([name, own]) => cutSegment(name, own, words));
	return { id: `text-${contentId(texts)}`, segments, label: null, annotations: [] };
}

function isExample(text: TextInput): text is Example {
	return typeof text === 'object' && 'segments' in text && Array.isArray(text.segments);
}

/** Returns the texts in the task's order. */
function textsByName(text: Exclude<TextInput, Example>, task: Task): [name: string, text: string][] {
	const names = Object.keys(task.segmentTitles);
	const listed = typeof text === 'string' ? [text] : text;
	const given: Readonly<Record<string, string>> = isList(listed) ? byOrder(listed, names, task) : listed;
	for (const name of Object.keys(given)) {
		if (!names.includes(name)) throw unknownName('explainText (text)', `segment of ${task.id}`, name, names);
	}
	return names.map((name) => {
		const own = given[name];
		if (typeof own === 'string') return [name, own];
		throw new UserError(`explainText (text): task "${task.id}" needs a text for the segment "${name}".`);
	});
}

function byOrder(texts: readonly string[], names: readonly string[], { id }: Task): Record<string, string> {
	if (texts.length === names.length) return Object.fromEntries(texts.map((text, i) => [names[i], text]));
	throw new UserError(
		`explainText (text): task "${id}" is about ${names.join(' and ')}, got ${texts.length} texts. ` +
			`Give them in that order, or by name: { ${names.map((name) => `${name}: '…'`).join(', ')} }.`,
	);
}

function isList(texts: Exclude<TextInput, Example | string>): texts is readonly string[] {
	return Array.isArray(texts);
}

/** From labelled examples to sequences to learn from, written with the prompts that the study asks with. */
import { UserError } from '../core/errors.ts';
import { annotatedWords, type Example, exampleWords, type Segment } from '../core/example.ts';
import { itemAt, present } from '../core/present.ts';
import { seededRandom } from '../core/random.ts';
import type { Task } from '../core/task.ts';
import type { ChatMessage, TokenIds } from '../llm/languageModel.ts';
import type { Tokenizer } from '../llm/tokenizers/tokenizer.ts';
import { classificationPrompt, verbalizerAfterPrefix } from '../prompts/classification.ts';
import { begunAnswer } from '../prompts/renderPrompt.ts';
import { refuseControlInExample, refuseControlInTask } from '../prompts/controlTokens.ts';
import { topKPrompt } from '../prompts/topK.ts';
import { unboundPrompt } from '../prompts/unbound.ts';
import type { WeightedTokens } from './lossGraph.ts';
import type { TrainingSettings } from './settings.ts';

export interface SequenceOptions extends Pick<TrainingSettings, 'loss' | 'list' | 'labelWeight' | 'tooLong'> {
	/** In tokens. */
	readonly contextLength: number;
	readonly seed: number;
}

/** One example to learn from. */
export interface TrainingSequence extends WeightedTokens {
	/** Of the example, for messages. */
	readonly id: string;
}

/** One example to be examined on: the sequence of each label, of which the most probable one is the prediction. */
export interface ValidationItem {
	readonly candidates: readonly WeightedTokens[];
	/** Number of the gold label. */
	readonly gold: number;
}

/** Labelled examples of one task. */
export interface TaskExamples {
	readonly name: string;
	readonly task: Task;
	readonly examples: readonly Example[];
}

/** Throws `UserError` for examples without a label of the task, and for labels of the task that no example has. */
export function checkLabels({ name, task, examples }: TaskExamples): void {
	const strange = examples.find(({ label }) => label === null || !task.labels.includes(label));
	if (strange !== undefined) {
		const found = strange.label === null ? 'no label' : `the label "${strange.label}"`;
		throw new UserError(
			`training data "${name}": example "${strange.id}" has ${found}. The task has ${task.labels.join(', ')}.`,
		);
	}
	const held = new Set(examples.map(({ label }) => label));
	const absent = task.labels.filter((label) => !held.has(label));
	if (absent.length === 0) return;
	throw new UserError(
		`training data "${name}": none of the ${examples.length} examples has the label ${absent.map((label) => `"${label}"`).join(', ')}, ` +
			`so it cannot be learnt. The data holds ${[...held].join(', ')}. Add examples, or take the label out of the task.`,
	);
}

export interface FittedSequences {
	readonly sequences: readonly TrainingSequence[];
	/** Ids of examples whose text was shortened. */
	readonly truncated: readonly string[];
}

/** Returns a sequence per example. Throws `UserError` for a text that does not fit, unless it is to be truncated. */
export async function trainingSequencesOf(
	tokenizer: Tokenizer,
	data: TaskExamples,
	options: SequenceOptions,
): Promise<FittedSequences> {
	refuseControl(tokenizer, data);
	const sequences: TrainingSequence[] = [];
	const truncated: string[] = [];
	for (const example of data.examples) {
		const fitted = await fitting(data, example, options, (shown) => sequenceOf(tokenizer, data.task, shown, options));
		sequences.push({ id: example.id, ...fitted.sequence });
		if (fitted.isShortened) truncated.push(example.id);
	}
	return { sequences, truncated };
}

/** Returns a validation item per example, shortened as sequences are. */
export async function validationItemsOf(
	tokenizer: Tokenizer,
	data: TaskExamples,
	options: SequenceOptions,
): Promise<ValidationItem[]> {
	const { task } = data;
	refuseControl(tokenizer, data);
	const items: ValidationItem[] = [];
	const labelOnly = { ...options, loss: 'label', labelWeight: 1 } as const;
	for (const example of data.examples) {
		const ask = (label: string) => (shown: Example) => sequenceOf(tokenizer, task, { ...shown, label }, labelOnly);
		const candidates: WeightedTokens[] = [];
		for (const label of task.labels) candidates.push((await fitting(data, example, options, ask(label))).sequence);
		items.push({ candidates, gold: task.labels.indexOf(labelOf(example)) });
	}
	return items;
}

/** Learning from a text with a control token teaches another conversation than the data holds. */
function refuseControl(tokenizer: Tokenizer, { name, task, examples }: TaskExamples): void {
	refuseControlInTask(tokenizer, task);
	for (const example of examples) refuseControlInExample(tokenizer, example, `training data "${name}": example`);
}

/** Finds the most words of the longest segments with which the sequence fits. */
async function fitting(
	{ name }: TaskExamples,
	example: Example,
	{ tooLong, contextLength }: SequenceOptions,
	write: (shown: Example) => Promise<WeightedTokens>,
): Promise<{ sequence: WeightedTokens; isShortened: boolean }> {
	const whole = await write(example);
	if (whole.ids.length <= contextLength) return { sequence: whole, isShortened: false };
	const where = `training data "${name}": example "${example.id}" takes ${whole.ids.length} tokens, the model reads ${contextLength}`;
	if (tooLong === 'refuse') throw new UserError(`${where}. Shorten the text, or set "tooLong: truncate".`);
	let [fits, tooMany] = [0, exampleWords(example).length];
	let best: WeightedTokens | null = null;
	while (tooMany - fits > 1) {
		const count = Math.floor((fits + tooMany) / 2);
		const sequence = await write(shortened(example, count));
		if (sequence.ids.length <= contextLength) [fits, best] = [count, sequence];
		else tooMany = count;
	}
	if (best === null) throw new UserError(`${where} even with one word of it: the instruction alone is too long.`);
	return { sequence: best, isShortened: true };
}

/** Returns the example with `count` words: words go from the end of whichever segment has most left. */
export function shortened(example: Example, count: number): Example {
	const kept = example.segments.map(({ words }) => words.length);
	for (let total = kept.reduce((a, b) => a + b, 0); total > count; total--) {
		const longest = kept.indexOf(Math.max(...kept));
		kept[longest] = (kept[longest] as number) - 1;
	}
	const segments = example.segments.map((segment, i): Segment => {
		const words = segment.words.slice(0, kept[i]);
		if (words.length === segment.words.length) return segment;
		const last = words.at(-1);
		return { ...segment, words, text: last === undefined ? '' : segment.text.slice(0, last.end) };
	});
	const annotations = example.annotations.map(({ annotator, spans }) => ({
		annotator,
		spans: spans.filter(({ segment, span }) => span.end <= itemAt(segments, segment).text.length),
	}));
	return { ...example, segments, annotations };
}

async function sequenceOf(
	tokenizer: Tokenizer,
	task: Task,
	example: Example,
	options: SequenceOptions,
): Promise<WeightedTokens> {
	const label = labelOf(example);
	const render = renderer(tokenizer, task);
	const messages = classificationPrompt.messages(task, example);
	const { answerPrefix } = task;
	const question =
		answerPrefix === undefined
			? render(messages, true)
			: begunAnswer({ renderChat: (turns) => render(turns, false) }, messages, answerPrefix);
	const answer = verbalizerAfterPrefix(task, label);
	const prompt = (await tokenizer.encode(question)).ids;
	const labelled = (await tokenizer.encode(question + answer)).ids;
	const start = { ids: labelled, weights: labelled.map((_, i) => (i < prompt.length ? 0 : options.labelWeight)) };
	requireStart(prompt, labelled, task, label);
	if (options.loss === 'label') return start;
	const words = annotatedTexts(example);
	if (words.length === 0) return start;
	const isAsked =
		options.list === 'when_asked' ||
		(options.list === 'either' && seededRandom(options.seed, 'list', example.id).next() < 0.5);
	if (!isAsked) {
		const listed = (await tokenizer.encode(` ${words.join(' ')}`)).ids;
		const ids = [...labelled, ...listed, ...tokenizer.endTokens.slice(0, 1)];
		return { ids, weights: [...start.weights, ...ids.slice(labelled.length).map(() => 1)] };
	}
	const conversation = rationaleConversation(task, example, label, words, options.seed);
	const asked = render(conversation.slice(0, -1), true);
	const whole = render(conversation, false);
	const [before, all] = [(await tokenizer.encode(asked)).ids, (await tokenizer.encode(whole)).ids];
	requireStart(labelled, before, task, label);
	requireStart(before, all, task, label);
	const rest = all.slice(labelled.length).map((_, i) => (labelled.length + i < before.length ? 0 : 1));
	return { ids: all, weights: [...start.weights, ...rest] };
}

/** Examples without a label are refused before training begins. */
function labelOf({ id, label }: Example): string {
	return present(label, `label of example ${id}`);
}

/** Returns the annotated words in their order, without the punctuation around them. */
function annotatedTexts(example: Example): string[] {
	const words = exampleWords(example);
	const numbers = example.annotations.flatMap((annotation) => annotatedWords(example, annotation));
	return [...new Set(numbers)].toSorted((a, b) => a - b).map((i) => bare(itemAt(words, i).text));
}

/** Returns the conversation that asks for the words, one of two ways by chance, and ends with their list. */
function rationaleConversation(
	task: Task,
	example: Example,
	label: string,
	listed: readonly string[],
	seed: number,
): ChatMessage[] {
	const prompt = seededRandom(seed, 'rationale', example.id).next() < 0.5 ? unboundPrompt : topKPrompt;
	const messages = prompt.messages(task, example, label, listed.length);
	return [...messages, { role: 'assistant', content: prompt.answer(listed) }];
}

function bare(word: string): string {
	return word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '') || word;
}

function renderer({ chatTemplate }: Tokenizer, { template: variables }: Task) {
	return (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string =>
		chatTemplate.render(messages, { addGenerationPrompt, ...(variables && { variables }) });
}

function requireStart(start: TokenIds, whole: TokenIds, task: Task, label: string): void {
	if (whole.length > start.length && start.every((id, i) => id === whole[i])) return;
	throw new UserError(
		`task "${task.id}": the answer for label "${label}" has no tokens of its own, the tokenizer joins it to the text before it. ` +
			'Choose another verbalizer.',
	);
}

/** `rationale explain`: one text in, coloured words out. */
import { writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type WordRule, wordRules } from '../../core/words.ts';
import { messageOf, unknownName, UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import type { Task, TemplateVariables } from '../../core/task.ts';
import { defaultMethods } from '../../explain/text/defaultMethods.ts';
import type { MethodId } from '../../rationales/methods.ts';
import type { UnitRule } from '../../rationales/perturbation/units.ts';
import type { TargetId } from '../../rationales/targets.ts';
import { requireRunning, type Session, withModel } from '../session.ts';
import type { TextExplanation, Agreement } from '../../records/explanation.ts';

interface Options {
	readonly model: string;
	readonly adapter?: string;
	readonly task: string;
	readonly labels?: string;
	readonly instruction?: string;
	readonly segment?: readonly string[];
	readonly method: string;
	readonly k?: number;
	readonly masking: string;
	readonly foil?: string;
	readonly target?: string;
	readonly unit?: UnitRule;
	readonly evaluations?: number;
	readonly fewShot?: number;
	readonly template?: readonly string[];
	readonly answerPrefix?: string;
	readonly spellings: 'all' | 'exact';
	readonly words?: WordRule;
	readonly reasoning?: number;
	readonly keepThought?: boolean;
	readonly showThought?: boolean;
	readonly json?: boolean;
	readonly html?: string;
}

const example = `
Examples:
  rationale explain "She runs a small practice for family counselling."
  rationale explain --task planted-nli --method all \\
    --segment premise="A dog sleeps." --segment hypothesis="An animal rests."
  echo "A dull film." | \\
    rationale explain - --labels positive,negative --model ./my-model`;

/** Adds the command. */
export function addExplain(program: Command, session: Session): void {
	program
		.command('explain')
		.summary('which words of one text made a model decide')
		.description(
			'Classifies one text and shows which words made the model decide, by each method, and whether the prediction ' +
				'changes without them.',
		)
		.argument('[text...]', 'the text, one for each segment of the task; - reads it from standard input')
		.option(
			'-m, --model <model>',
			'a bundled model (rationale models), a folder, a GGUF file, org/name or org/name:FILE.gguf of the hub (rationale pull), or openai:NAME behind an API',
			'tiny-instruct',
		)
		.option('--adapter <folder>', 'a LoRA adapter that changes the model')
		.option(
			'-t, --task <task>',
			'what to decide: the task of a dataset (rationale datasets), or a task file (my-task.yaml)',
			'planted-bios',
		)
		.option('--labels <a,b,...>', 'labels of your own, instead of a task')
		.option('--instruction <text>', 'what to decide among your own labels; default: a plain request')
		.option('--segment <name=text>', 'the text of one segment; once for each', collect)
		.addOption(
			new Option('--method <a,b,...>', 'methods (rationale methods), or all').default(
				defaultMethods.join(','),
				'attention, saliency.l2 and prompt.unbound',
			),
		)
		.option('-k, --k <n>', 'how many words to choose; default: a fifth of the words', wholeNumber)
		.option('--masking <masking>', 'how words are taken away: space, delete or block_attention', 'space')
		.option('--foil <label>', 'explain why the predicted label rather than this one (methods with gradients)')
		.option('--target <target>', 'what gradients explain, for example logit; default: log-odds among the labels')
		.option('--unit <unit>', 'what is scored together: word, sentence, segment, or a number of words', unitOf)
		.option('--evaluations <n>', 'most prompts a perturbation method may score; default: its own number', wholeNumber)
		.option('--few-shot <n>', "labelled examples of the dataset's training split, shown before the text", wholeNumber)
		.option(
			'--template <name=value>',
			'what the chat template is told (rationale models --template MODEL lists the names); once for each',
			collect,
		)
		.addOption(
			new Option(
				'--words <rule>',
				'what a word is: what stands between spaces, cut further where a script has none (spaces), or what Unicode cuts (segmenter)',
			).choices(wordRules),
		)
		.option(
			'--answer-prefix <text>',
			'what the model\'s answer begins with, for example "Occupation:"; an empty text for nothing. Default: as the task says',
		)
		.addOption(
			new Option('--spellings <which>', 'what stands for a label: all spellings it may begin with, or its exact one')
				.choices(['all', 'exact'])
				.default('all'),
		)
		.option(
			'--reasoning <tokens>',
			'let the model think before it says a label, in so many tokens at most; about masked texts it thinks anew',
			wholeNumber,
		)
		.option('--keep-thought', 'with --reasoning: masked texts keep the thought about the whole text')
		.option('--show-thought', 'with --reasoning: print the thought')
		.option('--json', 'print the explanation as JSON')
		.option('--html <file>', 'write the explanation as one HTML page, too')
		.addHelpText('after', example)
		.action((texts: readonly string[], options: Options) => explainCommand(session, texts, options));
}

async function explainCommand(session: Session, texts: readonly string[], options: Options): Promise<void> {
	const [{ textToExplain }, { explainText }, { renderExplanation }, { agreementOf }, { taskInForm }] =
		await Promise.all([
			import('../textToExplain.ts'),
			import('../../explain/text/explainText.ts'),
			import('../../terminal/explanation.ts'),
			import('../../explain/text/agreement.ts'),
			import('../../study/data/answerForm.ts'),
		]);
	const { maskings } = await import('../../rationales/masking.ts');
	const { model, method, masking, foil = null, segment = [], k = null, json = false, html = null, ...rest } = options;
	const { unit = 'word', evaluations = null, adapter } = options;
	if (!isKeyOf(maskings, masking)) throw unknownName('--masking', 'masking', masking, Object.keys(maskings));
	const methods = await methodsOf(method);
	const target = await targetNamed(options.target);
	const given = { ...rest, segments: segment, texts: await readTexts(session, texts) };
	const { task: plain, example: text } = await textToExplain(given);
	const shown = withThought(await withShownExamples(session, plain, text, options), options);
	const task = taskInForm(shown, { answerPrefix: prefixOf(options.answerPrefix), spellings: options.spellings });
	if (foil !== null && !task.labels.includes(foil)) throw unknownName('--foil', 'label', foil, task.labels);
	const { out, notes } = session.terminal;
	const { progress } = session;
	const step = (): void => {
		requireRunning(session.signal);
		progress.update('explaining', 0, 0);
	};
	progress.update(`opening ${model}`, 0, 0);
	const explanation = await withModel(
		session,
		{ id: model, adapter, template: variablesOf(options.template) },
		(opened) =>
			explainText(opened, task, text, {
				methods,
				masking,
				foil,
				target,
				unit,
				evaluations,
				wordCount: k,
				seed: 1,
				step,
			}),
	).finally(progress.finish);
	const agreement = agreementOf(explanation.methods, explanation.words.length);
	const lines = json
		? [JSON.stringify({ ...explanation, agreement }, null, '\t')]
		: renderExplanation(explanation, agreement, out, { showsThought: options.showThought ?? false });
	notes.lines(((await session.models()).notes?.() ?? []).map(notes.colours.dim));
	if (html !== null) await writePage(html, explanation, agreement);
	out.lines(lines);
}

/** Returns what answers begin with, null for nothing; undefined where nothing was said. The answer brings the space before it. */
function prefixOf(text: string | undefined): string | null | undefined {
	if (text === undefined) return undefined;
	return text.trim() === '' ? null : text.replace(/[ \t]+$/u, '');
}

/** Returns what the chat template is told; `true`, `false`, `null` and numbers are no texts. */
function variablesOf(pairs: readonly string[] | undefined): TemplateVariables | undefined {
	return pairs && Object.fromEntries(pairs.map(variableOf));
}

function variableOf(pair: string): [string, string | number | boolean | null] {
	const [, name, value] = /^([^=\s]+)=(.*)$/su.exec(pair) ?? [];
	if (name === undefined || value === undefined) {
		throw new UserError(`--template ${pair}: expected name=value, for example enable_thinking=false.`);
	}
	const isText = !/^(true|false|null|-?\d+(\.\d+)?)$/u.test(value);
	return [name, isText ? value : (JSON.parse(value) as number | boolean | null)];
}

/** Returns the task with the reasoning that is asked for, or its own. */
function withThought(task: Task, { reasoning: tokens, keepThought = false, showThought = false }: Options): Task {
	const reasoning = tokens === undefined ? task.reasoning : { tokens, masked: 'anew' as const };
	if (reasoning === undefined) {
		if (!keepThought && !showThought) return task;
		throw new UserError(
			`--${keepThought ? 'keep' : 'show'}-thought: the model is not let think. Add --reasoning 512, the most tokens of a thought.`,
		);
	}
	return { ...task, reasoning: keepThought ? { ...reasoning, masked: 'kept' } : reasoning };
}

async function withShownExamples(session: Session, task: Task, text: Example, options: Options): Promise<Task> {
	const { fewShot: count, labels, task: name } = options;
	if (count === undefined) return task;
	if (labels !== undefined) {
		throw new UserError('--few-shot: needs a dataset to take examples from; labels of your own have none.');
	}
	const [{ shownExamples }, { dataCaches }] = await Promise.all([
		import('../../study/data/namedTask.ts'),
		import('../environment.ts'),
	]);
	const caches = dataCaches(session.environment);
	return { ...task, demonstrations: await shownExamples(name, '--few-shot', { count, text, seed: 1, caches }) };
}

async function writePage(path: string, explanation: TextExplanation, agreement: Agreement): Promise<void> {
	const { renderExplanationPage } = await import('../../report/explanationPage.ts');
	await writeFile(path, renderExplanationPage(explanation, agreement)).catch((error: unknown) => {
		throw new UserError(
			`--html ${path}: cannot be written (${messageOf(error)}). Give a file in a folder that exists.`,
		);
	});
}

/** Returns the methods of a comma list; `all` leaves out those that need a human rationale, which one's own text has not got. */
async function methodsOf(list: string): Promise<MethodId[]> {
	const { methodIds, isMethodId, methods } = await import('../../rationales/methods.ts');
	if (list === 'all') return methodIds.filter((id) => methods[id].declaration.needs !== 'annotations');
	const names = [...new Set(list.split(',').map((name) => name.trim()))].filter((name) => name !== '');
	for (const name of names) if (!isMethodId(name)) throw unknownName('--method', 'method', name, ['all', ...methodIds]);
	if (names.length === 0) throw new UserError('--method: no method is named. `rationale methods` lists them.');
	return names.filter(isMethodId);
}

async function targetNamed(name: string | undefined): Promise<TargetId | null> {
	if (name === undefined) return null;
	const { targets } = await import('../../rationales/targets.ts');
	if (isKeyOf(targets, name)) return name;
	throw unknownName('--target', 'target', name, Object.keys(targets));
}

async function readTexts({ input }: Session, texts: readonly string[]): Promise<string[]> {
	if (texts.filter((text) => text === '-').length > 1) {
		throw new UserError('Standard input can be read only once: give "-" for one text.');
	}
	const read: string[] = [];
	for (const text of texts) read.push(text === '-' ? (await readAll(input)).trim() : text);
	return read;
}

async function readAll(input: Session['input']): Promise<string> {
	const decoder = new TextDecoder();
	let text = '';
	for await (const chunk of input) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
	return text + decoder.decode();
}

function collect(value: string, earlier: readonly string[] = []): string[] {
	return [...earlier, value];
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1) return value;
	throw new InvalidArgumentError('It must be a whole number of at least 1.');
}

function unitOf(text: string): UnitRule {
	if (text === 'word' || text === 'sentence' || text === 'segment') return text;
	const words = Number(text);
	if (Number.isInteger(words) && words >= 1) return words;
	throw new InvalidArgumentError('It must be word, sentence, segment, or a whole number of words of at least 1.');
}

function isKeyOf<T extends object>(record: T, key: string): key is Extract<keyof T, string> {
	return Object.hasOwn(record, key);
}

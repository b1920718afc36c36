/** Asks the model for the words, example by example, and reads its answers. */
import { entryOf, itemAt, zip } from '../core/present.ts';
import { hasValue, type Missing } from '../core/score.ts';
import type { Task } from '../core/task.ts';
import { opensThought, withoutThought } from '../core/thought.ts';
import type { GeneratedTokens, LanguageModel } from '../llm/languageModel.ts';
import type { Diagnostics } from '../rationales/perturbation/coalitionPlan.ts';
import { chatFormat } from '../prompts/renderPrompt.ts';
import { promptContent } from '../prompts/prompt.ts';
import { noCost } from '../rationales/cost.ts';
import { readAnswer } from '../rationales/prompting/readAnswer.ts';
import {
	type EncodeAnswer,
	type WordAutomaton,
	wordAutomaton,
	wordsListed,
} from '../rationales/prompting/wordAutomaton.ts';
import { countWords } from '../rationales/selection.ts';
import { lengthProblem, rendering } from './encodeExample.ts';
import type { AnswerRecord } from '../records/records.ts';
import {
	type ChoiceRules,
	type ClassifiedExample,
	type Explanation,
	selectionContext,
	type TaskFormat,
	type TaskModel,
} from './context.ts';
import { explanationOf, incapable } from './explanationTargets.ts';
import type { MethodKind } from './methodKind.ts';
import type { RationaleSettings } from './settings.ts';
import type { Attribution } from '../rationales/attribution.ts';
import type { PromptMethod } from '../rationales/prompting/method.ts';

export const byPrompt: MethodKind<PromptMethod> = {
	explain: async (taskModel, rules, methods, examples) => {
		const explanations: Explanation[][] = [];
		for (const method of methods) explanations.push(await explainByPrompt(taskModel, rules, method, examples));
		return explanations;
	},
	sharesPass: false,
	cost: (_, { maxAnswerTokens, thought }) => ({
		...noCost,
		forward: 1,
		written: thought.whole + maxAnswerTokens,
		bound: 'most',
	}),
	content: (method, settings) => [
		promptContent(method.prompt),
		method.matching,
		guideOf(method, settings),
		settings.maxAnswerTokens,
		...(method.isConstrained === true ? ['constrained'] : []),
		...(method.reading === undefined ? [] : [method.reading]),
	],
	countRules: (method, settings) => [guideOf(method, settings)],
};

function guideOf({ guidedBy }: PromptMethod, settings: RationaleSettings): RationaleSettings['guidedBy'] {
	return guidedBy ?? settings.guidedBy;
}

async function explainByPrompt(
	taskModel: TaskModel,
	rules: ChoiceRules,
	method: PromptMethod,
	examples: readonly ClassifiedExample[],
): Promise<Explanation[]> {
	const problem = incapable(taskModel.model, method);
	if (problem !== null) return examples.map(() => ({ missing: problem }));
	const answers = await askForWords(taskModel, rules, method, examples);
	return zip(examples, answers).map(([example, found]) =>
		'missing' in found ? found : explanationOf(found.attribution, example, found.answer, found.diagnostics),
	);
}

/** A prompted rationale. */
interface PromptedWords {
	readonly attribution: Attribution;
	readonly answer: AnswerRecord;
	readonly diagnostics: Diagnostics | null;
}

/** Returns what the model lists for each example; all are asked in one call. */
async function askForWords(
	{ model, format, step }: TaskModel,
	rules: ChoiceRules,
	method: PromptMethod,
	examples: readonly ClassifiedExample[],
): Promise<(PromptedWords | Missing)[]> {
	const { maxAnswerTokens } = rules.settings;
	const thinking = format.reasoning === undefined ? {} : { reasoning: format.reasoning };
	const requests: (Request | Missing)[] = [];
	for (const example of examples) requests.push(await requestFor(model, format, rules, method, example));
	const asked = requests.filter((request) => 'ids' in request);
	const constraints = asked.flatMap(({ automaton }) => automaton?.constraint ?? []);
	let answers: readonly GeneratedTokens[] = [];
	if (asked.length > 0) {
		step('explain');
		answers = await model.generate(
			asked.map(({ ids }) => ids),
			{ maxNewTokens: maxAnswerTokens, ...thinking, ...(constraints.length === 0 ? {} : { constraints }) },
		);
	}
	const answerTo = new Map(zip(asked, answers));
	const found: (PromptedWords | Missing)[] = [];
	for (const request of requests) {
		if ('missing' in request) found.push(request);
		else found.push(await understood(model, format.task, method, request, entryOf(answerTo, request, 'answer')));
	}
	return found;
}

const thoughtUnended = 'no answer: the thought did not end';

/** A prompt that asks for words. */
interface Request {
	readonly example: ClassifiedExample;
	readonly ids: GeneratedTokens['ids'];
	/** The number of words asked for, null where the model chooses it. */
	readonly k: number | null;
	/** The prompt begins a thought, which stands in the answer. */
	readonly isThinking: boolean;
	/** The lists it may answer with, null for any answer. */
	readonly automaton: WordAutomaton | null;
}

async function requestFor(
	model: LanguageModel,
	format: TaskFormat,
	rules: ChoiceRules,
	method: PromptMethod,
	example: ClassifiedExample,
): Promise<Request | Missing> {
	const { settings } = rules;
	const isGiven = method.prompt.length === 'given';
	const count = isGiven ? countWords(guideOf(method, settings), selectionContext(rules, example)) : null;
	if (count !== null && !hasValue(count)) return count;
	const k = count?.value ?? null;
	const label = itemAt(format.task.labels, example.predicted);
	const foil = format.task.labels.length < 2 ? '' : itemAt(format.task.labels, mostProbableOther(example));
	const rendered = rendering(
		chatFormat(model, format.task),
		(shown) => method.prompt.messages(format.task, shown, label, k ?? 0, foil),
		example.example,
	);
	if ('skipped' in rendered) return { missing: rendered.skipped };
	const { ids } = await model.encode(rendered.text);
	const tooLong = lengthProblem(model, ids, (format.reasoning?.tokens ?? 0) + settings.maxAnswerTokens);
	if (tooLong !== null) return { missing: tooLong };
	const isThinking = format.reasoning === undefined && opensThought(rendered.text);
	if (method.isConstrained !== true) return { example, ids, k, isThinking, automaton: null };
	const automaton = await wordAutomaton(example.example, answerEncoder(model, format.task), k);
	return automaton === null
		? { missing: 'no word of the text can be spelled in a list' }
		: { example, ids, k, isThinking, automaton };
}

/** Returns the number of the most probable label beside the predicted one; of the first one where there are no scores. */
function mostProbableOther({ logProbabilities, predicted, chosen }: ClassifiedExample): number {
	if (chosen !== undefined) return predicted === 0 ? 1 : 0;
	const others = logProbabilities.map((value, label) => (label === predicted ? -Infinity : value));
	return others.indexOf(Math.max(...others));
}

/**
 * Returns a function from the text of an answer to its tokens as they follow the header of the assistant's turn, or as
 * they begin a text where the tokenizer joins the answer to the header.
 */
function answerEncoder(model: LanguageModel, { template }: Task): EncodeAnswer {
	const header = model.renderChat([{ role: 'user', content: '?' }], template);
	return async (text) => {
		const { ids, spans } = await model.encode(header + text);
		const first = spans.findIndex(({ end }) => end > header.length);
		const begins = spans[first];
		if (begins === undefined || begins.start < header.length) return model.encode(text);
		const shifted = spans
			.slice(first)
			.map(({ start, end }) => ({ start: start - header.length, end: end - header.length }));
		return { ids: ids.slice(first), spans: shifted };
	};
}

async function understood(
	model: LanguageModel,
	task: Task,
	method: PromptMethod,
	{ example, k, isThinking, automaton }: Request,
	{ ids, ended, problem, thought }: GeneratedTokens,
): Promise<PromptedWords | Missing> {
	if (problem !== undefined) return { missing: problem.detail };
	const raw = await model.decode(ids);
	const before = thought === undefined ? {} : { thought: thought.text };
	if (automaton !== null) return chosenWords(automaton, ids, { raw, ...before }, example.wordCount);
	const { text: said, isComplete } = withoutThought(raw, isThinking);
	if (!isComplete) return { missing: thoughtUnended };
	const { attribution, match, wrongLength } = readAnswer(method, said, task, example.example, k);
	const unmatched = match.unmatched.map(({ text }) => text);
	const cutOff = ended === 'length' ? { cutOff: true as const } : {};
	const answer = { raw, ...before, status: match.status, wrongLength, unmatched, ...cutOff };
	const label = method.prompt.label === undefined ? {} : { label: method.prompt.label(task, said) };
	return { attribution, answer: { ...answer, ...label }, diagnostics: null };
}

/** Returns the words of a list that names nothing else: (n - rank) / n for each of n words, 0 for all others. */
function chosenWords(
	automaton: WordAutomaton,
	ids: GeneratedTokens['ids'],
	said: Pick<AnswerRecord, 'raw' | 'thought'>,
	wordCount: number,
): PromptedWords | Missing {
	const own = wordsListed(automaton, ids);
	if (own.length === 0) return { missing: 'the upper limit of answer tokens leaves no room for one word' };
	const scores = Array.from({ length: wordCount }, () => 0);
	for (const [rank, word] of own.entries()) scores[word] = (own.length - rank) / own.length;
	return {
		attribution: { scores, own },
		answer: { ...said, status: 'ok', wrongLength: false, unmatched: [] },
		diagnostics: { unspellableWords: automaton.unspellable },
	};
}

/** One text explained by several methods, with what the study computes for every example. Letter: W words. */
import { countOfShare } from '../../core/countOfShare.ts';
import { InternalError, UserError } from '../../core/errors.ts';
import { type Example, exampleWords } from '../../core/example.ts';
import { itemAt, lastOf, zip } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { type MaskedPrompt, type MaskingId, maskings, maskWords } from '../../rationales/masking.ts';
import type { Method } from '../../rationales/method.ts';
import { type MethodId, methods } from '../../rationales/methods.ts';
import type { Diagnostics } from '../../rationales/perturbation/coalitionPlan.ts';
import type { UnitRule } from '../../rationales/perturbation/units.ts';
import { selectWords } from '../../rationales/selection.ts';
import type { TargetId } from '../../rationales/targets.ts';
import { explain } from '../explain.ts';
import { checkPrecision, precisionSamples } from '../masked/precisionCheck.ts';
import { beginningsOf, classified, labelScores } from '../classify.ts';
import { encodeExample, taskFormat } from '../encodeExample.ts';
import { defaultPerturbation, defaultShareOfWords } from '../settings.ts';
import { type MaskedPredictions, predictionFrom, predictMasked } from '../masked/maskedPredictions.ts';
import { type ClassifiedExample, type ExplainContext, type Explanation, selectionContext } from '../context.ts';
import type { LabelPrediction, TextDiagnostic, MethodExplanation, TextExplanation } from '../../records/explanation.ts';

export interface ExplainOptions {
	readonly methods: readonly MethodId[];
	/** How many words a scoring method chooses and `prompt.top_k` asks for; null for a fifth of the words. */
	readonly wordCount: number | null;
	readonly masking: MaskingId;
	/** The label to contrast the prediction with; null or left out for the default target. */
	readonly foil?: string | null;
	/** What gradients explain; null or left out for the default of the number of labels. */
	readonly target?: TargetId | null;
	/** What is scored and taken away together; words when left out. */
	readonly unit?: UnitRule;
	/** Most prompts a perturbation method may score; null or left out for each method's own number. */
	readonly evaluations?: number | null;
	/** Decides random words and the order of equals. */
	readonly seed: number;
	/** Called before each call to the model; throws to stop. */
	readonly step: () => void;
}

/** As in the default study. */
const MAX_ANSWER_TOKENS = 128;

/**
 * Returns what each method says about an example. Throws `UserError` for an example the model cannot be asked about
 * (too long, with control tokens, without words).
 */
export async function explainText(
	model: LanguageModel,
	task: Task,
	example: Example,
	options: ExplainOptions,
): Promise<TextExplanation> {
	const words = exampleWords(example).map(({ segment, text }) => ({ segment, text }));
	if (words.length === 0) throw new UserError('The text has no words. Give at least one.');
	const context = await contextOf(model, task, words.length, options);
	const { asked, prediction } = await predict(context, example);
	const chosenMethods = options.methods.map((id) => methods[id]);
	const explanations = (await explain(context, chosenMethods, [asked])).map(([first]) => first);
	const read = options.methods.map((id, i) => methodExplanation(context, asked, id, explanations[i]));
	const samples = precisionSamples(model, context.settings, [asked]);
	const masked = read.map(({ chosen }) =>
		chosen.length === 0 ? null : maskWords(maskings[options.masking], asked.prompt, chosen),
	);
	const prompts = [...samples.flat(), ...masked.filter((prompt) => prompt !== null)];
	const predictions = await predictMasked(context, [asked], prompts);
	const precisionCheck = itemAt(await checkPrecision(context, samples, predictions), 0);
	return {
		model: { id: model.id, identity: model.identity },
		task: task.id,
		segments: example.segments.map(({ name, text }) => ({ name, text })),
		words,
		prediction,
		thought: asked.thought?.text ?? null,
		caution: cautionOf(model, task),
		masking: options.masking,
		precisionCheck,
		methods: zip(read, masked).map(([explanation, prompt]) => withMasked(explanation, prompt, prediction, predictions)),
	};
}

/** A model that was taught a few tasks answers any other without knowing it. */
function cautionOf({ id, tasks }: LanguageModel, task: Task): string | null {
	if (tasks === undefined || tasks.includes(task.id)) return null;
	const known = tasks.length === 0 ? 'has learnt no task' : `knows the tasks ${listed(tasks)} only`;
	return `${id} ${known}: its answer, and what explains it, means nothing here.`;
}

function listed(names: readonly string[]): string {
	return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${lastOf(names)}`;
}

async function contextOf(
	model: LanguageModel,
	task: Task,
	wordCount: number,
	options: ExplainOptions,
): Promise<ExplainContext> {
	const { methods: ids, wordCount: asked, masking, foil = null, target: kind = null, seed, step } = options;
	const { unit = 'word', evaluations = null } = options;
	const topK = asked ?? countOfShare(defaultShareOfWords, wordCount);
	return {
		model,
		format: await taskFormat(model, task),
		meanShare: defaultShareOfWords,
		settings: {
			seed,
			topK,
			methods: ids,
			selections: ['top_k', 'own'],
			guidedBy: 'top_k',
			maskings: [masking],
			target: foil === null ? kind : { kind: 'diff', foil, of: 'predicted' },
			unit,
			maxAnswerTokens: MAX_ANSWER_TOKENS,
			controlDraws: 0,
			curve: [],
			measures: ['flip_rate'],
			perturbation: { ...defaultPerturbation, masking, unit, evaluations },
		},
		step,
	};
}

async function predict(
	context: ExplainContext,
	example: Example,
): Promise<{ asked: ClassifiedExample; prediction: LabelPrediction }> {
	const { model, format } = context;
	const prepared = await encodeExample(model, format, example);
	if ('skipped' in prepared) throw new UserError(`The model cannot be asked about this text: ${prepared.skipped}.`);
	context.step('predict');
	const [scores] = await labelScores(context, [prepared]);
	const asked = classified(format, prepared, scores);
	if ('skipped' in asked) {
		throw new UserError(`The model "${model.id}" gave no label for this text: ${asked.skipped}.`);
	}
	return { asked, prediction: predictionOf(format.task, asked) };
}

function predictionOf({ labels }: Task, scores: ClassifiedExample): LabelPrediction {
	const answer = predictionFrom(labels, scores);
	if (answer === null) throw new InternalError('no label has the largest probability');
	return { ...answer, mass: Number.isFinite(scores.mass) ? scores.mass : null, ...beginningsOf(scores) };
}

/** Returns what a method chose, not yet masked. */
function methodExplanation(
	context: ExplainContext,
	asked: ClassifiedExample,
	method: MethodId,
	explanation: Explanation | undefined,
): MethodExplanation {
	const { title } = methods[method].declaration;
	const nothing = {
		scores: null,
		chosen: [],
		ties: 0,
		diagnostics: [],
		answer: null,
		masked: null,
		flips: null,
	};
	if (explanation === undefined) throw new InternalError(`${method} was not asked`);
	if ('missing' in explanation) return { method, title, ...nothing, missing: explanation.missing };
	const { attribution, answer } = explanation;
	const diagnostics = diagnosticsOf(method, explanation.diagnostics);
	const selection = attribution.own === null ? 'top_k' : 'own';
	const choice = selectWords(selection, attribution, selectionContext(context, asked));
	if ('missing' in choice) return { method, title, ...nothing, answer, missing: choice.missing };
	const scores = attribution.own === null ? attribution.scores : null;
	return {
		method,
		title,
		...nothing,
		missing: null,
		scores,
		chosen: choice.words,
		ties: choice.ties,
		diagnostics,
		answer,
	};
}

function diagnosticsOf(method: MethodId, values: Diagnostics | null): TextDiagnostic[] {
	const { declaration }: Method = methods[method];
	const titles = declaration.diagnostics ?? {};
	return Object.entries(values ?? {}).map(([name, value]) => ({ name, title: titles[name] ?? name, value }));
}

/** Returns the explanation with the model's prediction once the chosen words are masked. */
function withMasked(
	explanation: MethodExplanation,
	prompt: MaskedPrompt | null,
	full: LabelPrediction,
	predictions: MaskedPredictions,
): MethodExplanation {
	const masked = prompt === null ? null : predictions(prompt);
	return masked === null ? explanation : { ...explanation, masked, flips: masked.label !== full.label };
}

/** What a study will ask of its models, and how long that takes, before anything is written. */
import { commonPrefixLength } from '../../core/commonPrefixLength.ts';
import { UserError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { unitsOf } from '../../rationales/perturbation/units.ts';
import type { ThoughtCost } from '../../rationales/cost.ts';
import { maskCount } from '../../explain/masked/maskCount.ts';
import { kindOf } from '../../explain/methodKinds.ts';
import type { Method } from '../../rationales/method.ts';
import { type MethodId, methods } from '../../rationales/methods.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import type { MemoryPlan } from '../../llm/engineSettings.ts';
import { isBehindApi } from '../../llm/remote/openApiModel.ts';
import { absentModel, behindApi, onThisMachine } from '../models/absentModel.ts';
import { loadConfig, type StudyConfig } from '../config/studyFile.ts';
import { incapable } from '../../explain/explanationTargets.ts';
import { encodeExample, taskFormat } from '../../explain/encodeExample.ts';
import { variantsOf } from '../data/taskVariants.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import { tokensPerMask } from './computedTokens.ts';
import { type Speed, measureSpeed } from './speed.ts';
import { isTrained } from '../models/usableModels.ts';
import { type StudyFile, withData } from '../openStudy.ts';
import type { EncodedExample, TaskFormat } from '../../explain/context.ts';
import { rationaleSettings } from '../config/rationaleSettings.ts';
import type { StudyDataset } from '../data/studyDataset.ts';
import type { ModelEntry, ModelSource, ModelWeights } from '../models/modelSource.ts';

/** Passes of one step of a study over all texts. */
export interface StepEstimate {
	/** A method's id, `predict` for the predictions, `variants` under other wordings, `mask` of masked texts. */
	readonly step: string;
	/** Prompts read, over all texts. */
	readonly forward: number;
	readonly backward: number;
	/** Tokens read forwards, and written at most. */
	readonly tokensRead: number;
	/** Of those read, what the engine computes: beginnings that prompts share are computed once. */
	readonly tokensComputed: number;
	readonly tokensWritten: number;
	/** Null where nothing was measured: a model behind an API is not asked before the run. */
	readonly seconds: number | null;
	/** Null for models without a price. */
	readonly dollars: number | null;
	/** Whether the numbers are exact for these texts, or the least or the most there can be. */
	readonly bound: 'exact' | 'least' | 'most';
	/** What has to be said: why a method says nothing, with whom it shares its pass; else null. */
	readonly note: string | null;
}

/** One model on one dataset. */
export interface SettingEstimate {
	readonly model: string;
	readonly dataset: string;
	readonly texts: number;
	/** How often the texts are studied: once, or before fine-tuning and after every epoch; training comes on top. */
	readonly rounds: number;
	/** Records that the study writes. */
	readonly cells: number;
	/** Null for a model without weights on this machine. */
	readonly weights: ModelWeights | null;
	/** What it takes while it runs; null for a model that is not opened. */
	readonly memory: MemoryPlan | null;
	/** Why the model cannot be used here, else null: passes are counted all the same, in words in place of tokens. */
	readonly problem: string | null;
	/** Mean tokens of a prompt. */
	readonly tokensPerText: number;
	readonly steps: readonly StepEstimate[];
}

/** Told of each model and dataset before it is looked at. */
export type EstimateProgress = (model: string, dataset: string) => void;

export interface EstimateOptions extends StudyFile {
	/** Milliseconds of a clock that never goes back. */
	readonly now: () => number;
	readonly onProgress?: EstimateProgress;
	/** Stops what is under way. */
	readonly signal?: AbortSignal;
}

/** Texts whose costs stand for all of a dataset. */
const SAMPLE = 32;

/**
 * Returns an estimate per model and dataset. Passes are counted on up to 32 texts of each dataset; the time is that of a
 * few passes of each kind, measured now. Nothing is written.
 * @throws UserError for what the user can mend.
 */
export async function estimateStudy(options: EstimateOptions): Promise<SettingEstimate[]> {
	const { path, changes, source, now, onProgress, signal } = options;
	// Models that cannot be used here are estimated, too: in passes, without times.
	const whole = await loadConfig(path, changes);
	const { config, loaded } = await withData({ whole, config: whole, leftOut: [] });
	const variants = variantsOf(config, loaded);
	const estimates: SettingEstimate[] = [];
	for (const entry of config.models) {
		const { model, ...facts } = await opened(source, entry, signal);
		// A model is as fast on every dataset.
		let speed: Speed | null = null;
		const speedOf = async (...sample: readonly [LanguageModel, TaskFormat, readonly EncodedExample[]]) =>
			facts.problem === null ? (speed ??= await measureSpeed(...sample, now)) : null;
		try {
			for (const { dataset } of loaded) {
				onProgress?.(entry.id, dataset.id);
				const settings = rationaleSettings(config, dataset);
				const asked = { rounds: roundsOf(config, entry), variants: variants.get(dataset.id)?.length ?? 0 };
				const price = entry.api?.price ?? null;
				const setting = await estimateSetting(model, dataset, { settings, price, ...asked }, speedOf);
				estimates.push({ ...setting, ...facts });
			}
		} finally {
			await model.close();
		}
	}
	return estimates;
}

/** Returns how often a model is studied: before fine-tuning and after each epoch, or once. */
function roundsOf(config: StudyConfig, model: ModelEntry): number {
	return config.finetune !== null && isTrained(config, model) ? config.finetune.epochs + 1 : 1;
}

/** Returns the model with what is known of it; where it is not here, what stands in for it. */
async function opened(source: ModelSource, entry: ModelEntry, signal: AbortSignal | undefined): Promise<Opened> {
	try {
		const model = await source.open(entry, signal);
		return { model, weights: (await source.weights?.(entry)) ?? null, memory: model.memory ?? null, problem: null };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		const goesOn = entry.optional === true ? ' It is optional: without it the study goes on.' : '';
		const capabilities = isBehindApi(entry) ? behindApi : onThisMachine;
		return {
			model: absentModel(entry.id, capabilities),
			weights: null,
			memory: null,
			problem: `${error.message}${goesOn}`,
		};
	}
}

type Opened = Pick<SettingEstimate, 'weights' | 'memory' | 'problem'> & { readonly model: LanguageModel };

async function estimateSetting(
	model: LanguageModel,
	dataset: StudyDataset,
	asked: Pick<Setting, 'settings' | 'price' | 'rounds' | 'variants'>,
	speedOf: (...sample: readonly [LanguageModel, TaskFormat, readonly EncodedExample[]]) => Promise<Speed | null>,
): Promise<Omit<SettingEstimate, 'weights' | 'memory' | 'problem'>> {
	const format = await taskFormat(model, dataset.task);
	const sample: EncodedExample[] = [];
	for (const example of dataset.examples.slice(0, SAMPLE)) {
		const prepared = await encodeExample(model, format, example);
		if ('prompt' in prepared) sample.push(prepared);
	}
	const texts = dataset.examples.length;
	const tokensPerText = meanOf(sample.map(({ prompt }) => prompt.ids.length));
	const speed = await speedOf(model, format, sample);
	const prompts = sample.map(({ prompt }) => prompt.ids);
	const beginning = prompts.length < 2 ? 0 : commonPrefixLength(prompts);
	const lack = (id: MethodId): string | null => incapable(model, methods[id]);
	const setting = { ...asked, format, sample, beginning, texts, speed, lack };
	const { rounds, variants, settings } = asked;
	const cells = rounds * texts * (1 + variants + settings.methods.length);
	return { model: model.id, dataset: dataset.id, texts, rounds, cells, tokensPerText, steps: stepsOf(setting) };
}

interface Setting {
	readonly format: TaskFormat;
	readonly settings: RationaleSettings;
	readonly sample: readonly EncodedExample[];
	/** Tokens that all prompts begin with: they are computed once. */
	readonly beginning: number;
	readonly texts: number;
	readonly speed: Speed | null;
	readonly price: Price | null;
	readonly rounds: number;
	/** Other ways in which every text is asked. */
	readonly variants: number;
	/** What the model lacks for a method, in words; null where it lacks nothing. */
	readonly lack: (id: MethodId) => string | null;
}

/** Dollars per million tokens. */
interface Price {
	readonly input: number;
	readonly output: number;
}

function stepsOf(setting: Setting): StepEstimate[] {
	const { settings, lack } = setting;
	const sharing = settings.methods.filter((id) => kindOf(methods[id]).sharesPass && lack(id) === null);
	const own = settings.methods.map((id) => {
		const lacking = lack(id);
		if (lacking !== null) return stepFrom(setting, id, () => ({}), 'exact', lacking);
		return sharing.includes(id) ? passStep(setting, id, sharing) : stepOf(setting, id);
	});
	const { whole } = thoughtCost(setting);
	const asked = (step: string, forward: number): StepEstimate =>
		stepFrom(setting, step, () => ({ forward, written: forward * whole }), whole > 0 ? 'most' : 'exact', thinks(whole));
	const others = setting.variants === 0 ? [] : [asked('variants', setting.variants)];
	return [asked('predict', 1), ...others, ...own, maskingStep(setting)];
}

function thoughtCost({ format: { task } }: Setting): ThoughtCost {
	const { tokens = 0, masked = 'kept' } = task.reasoning ?? {};
	return { whole: tokens, masked: masked === 'anew' ? tokens : 0 };
}

/** Returns what has to be said where an answer comes after a thought; null where it does not. */
function thinks(tokens: number): string | null {
	return tokens === 0 ? null : `a thought of up to ${tokens} tokens before each answer`;
}

/** One pass serves all methods that read from it: it is counted for the first of them. */
function passStep(setting: Setting, id: MethodId, sharing: readonly MethodId[]): StepEstimate {
	const [first = id, ...others] = sharing;
	if (id !== first) return stepFrom(setting, id, () => ({ forward: 0 }), 'exact', `shares the pass of ${first}`);
	const backward = sharing.some((sharer) => methods[sharer].declaration.needs === 'gradients') ? 1 : 0;
	const note = others.length === 0 ? null : `the same pass serves ${others.join(', ')}`;
	return stepFrom(setting, id, () => ({ forward: 1, backward }), 'exact', note);
}

function stepOf(setting: Setting, id: MethodId): StepEstimate {
	const { settings } = setting;
	const method: Method = methods[id];
	const costs = setting.sample.map(({ example, eligible, prompt }) =>
		kindOf(method).cost(method, {
			tokens: prompt.ids.length,
			unitCount: unitsOf(settings.perturbation.unit, example, eligible).length,
			evaluations: settings.perturbation.evaluations,
			maxAnswerTokens: settings.maxAnswerTokens,
			thought: thoughtCost(setting),
		}),
	);
	const able = costs.flatMap((cost) => ('missing' in cost ? [] : [cost]));
	const problem = costs.find((cost) => 'missing' in cost);
	const note =
		problem === undefined ? null : `${costs.length - able.length} of ${costs.length} texts: ${problem.missing}`;
	const costAt = (i: number): Partial<Passes> => {
		const cost = costs[i];
		return cost === undefined || 'missing' in cost ? {} : cost;
	};
	return stepFrom(setting, id, costAt, able[0]?.bound ?? 'exact', note);
}

/** Every choice of words that can be made is masked in every way, and as many random words as there are draws. */
function maskingStep(setting: Setting): StepEstimate {
	const { settings, sample, lack } = setting;
	const { methods: all, measures } = settings;
	const ids = all.filter((id) => lack(id) === null);
	const asked = ids.map((id) => methods[id]);
	const forward = sample.map((example) => maskCount(settings, asked, example));
	const more = measures.some((measure) => measure !== 'flip_rate');
	const { masked } = thoughtCost(setting);
	const notes = [
		...(more ? ['measures beside flip_rate take more'] : []),
		'equal prompts are scored once',
		thinks(masked),
	].filter((note) => note !== null);
	return stepFrom(
		setting,
		'mask',
		(text) => ({ forward: itemAt(forward, text), written: itemAt(forward, text) * masked, isMasked: true }),
		more ? 'least' : 'most',
		notes.join('; '),
	);
}

interface Passes {
	readonly forward: number;
	readonly backward: number;
	readonly written: number;
	/** True where the prompts are one text with different words masked. */
	readonly isMasked: boolean;
}

/** Returns the step with the passes of each text of the sample, scaled to all texts. */
function stepFrom(
	{ sample, texts, rounds, speed, price, beginning }: Setting,
	step: string,
	passesOf: (text: number) => Partial<Passes>,
	bound: StepEstimate['bound'] = 'exact',
	note: string | null = null,
): StepEstimate {
	const scale = sample.length === 0 ? 0 : (rounds * texts) / sample.length;
	const total = (count: (passes: Passes, tokens: number, example: EncodedExample) => number): number =>
		scale *
		sample.reduce((sum, example, i) => {
			const passes = { forward: 0, backward: 0, written: 0, isMasked: false, ...passesOf(i) };
			return sum + count(passes, example.prompt.ids.length, example);
		}, 0);
	const computed = ({ forward, isMasked }: Passes, tokens: number, example: EncodedExample): number =>
		forward * (isMasked ? tokensPerMask(example, beginning, forward) : tokens - beginning);
	const tokensRead = total(({ forward }, tokens) => forward * tokens);
	const tokensWritten = total(({ written }) => written);
	const tokensComputed = total(computed);
	const computedBack = total(({ backward }, tokens) => backward * (tokens - beginning));
	const seconds =
		speed === null
			? null
			: (tokensComputed - computedBack) * speed.read + computedBack * speed.readAndBack + tokensWritten * speed.write;
	const dollars = price === null ? null : (tokensRead * price.input + tokensWritten * price.output) / 1e6;
	return {
		step,
		forward: Math.round(total(({ forward }) => forward)),
		backward: Math.round(total(({ backward }) => backward)),
		tokensRead: Math.round(tokensRead),
		tokensComputed: Math.round(tokensComputed),
		tokensWritten: Math.round(tokensWritten),
		seconds,
		dollars,
		bound,
		note,
	};
}

function meanOf(values: readonly number[]): number {
	return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

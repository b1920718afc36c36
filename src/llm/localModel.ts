/** A model folder as a `LanguageModel`: tokenizer here, numbers in the engine process. */
import type { Need } from '../core/declarations.ts';
import { UserError } from '../core/errors.ts';
import { entryOf } from '../core/present.ts';
import type { Device } from '../engine/onnx/session.ts';
import { tuningFor } from './calibration/calibrate.ts';
import {
	copiesWeights,
	defaultSettings,
	type EngineSettings,
	identityIn,
	memoryBudget,
	quantisedWeights,
	reducedPrecision,
	int8Weights,
	blockProductsOf,
	weightsFolder,
} from './engineSettings.ts';
import { generateAfterThought, scoreAfterThought } from './generation/thoughts.ts';
import { type EngineProcess, startEngine } from './process/engineClient.ts';
import { fileBytes, requireBase } from './sessions/memoryPlan.ts';
import type { LabelScores, LanguageModel, LikelyToken, ScoredToken, TokenIds } from './languageModel.ts';
import type { DecoderSizes } from './models/decoder.ts';
import { isBlockMatrix } from './models/blockDecoder.ts';
import { type LoadedDecoder, loadDecoder } from './models/loadDecoder.ts';
import type { ModelPlace } from './modelPlace.ts';
import { modelIdentity } from './modelIdentity.ts';
import { openTokenizer } from './process/tokenizerClient.ts';
import type { TokenScores } from './scoring/labelScores.ts';
import type { Tokenizer } from './tokenizers/tokenizer.ts';

/** Largest number of tokens, padding included, in one run. */
const maxTokens = 2048;

const capabilities: ReadonlySet<Need> = new Set<Need>([
	'attention',
	'gradients',
	'labelScores',
	'generation',
	'constrainedGeneration',
	'attentionBlocking',
	'annotations',
	'nothing',
]);

/**
 * Returns the model of a Hugging Face folder (config.json, safetensors, tokenizer.json) or a GGUF file, changed by an adapter folder. It is
 * closed when the signal is aborted. Throws `UserError` for a folder that is not there, broken, or of an unknown
 * architecture, and `InterruptedError` where it is stopped before it is open.
 */
export async function openLocalModel(
	id: string,
	place: ModelPlace,
	settings: EngineSettings = defaultSettings,
	signal?: AbortSignal,
): Promise<LanguageModel> {
	const loaded = loadDecoder(place.folder, place.adapter);
	const tokenizer = await openTokenizer(place.folder, signal);
	try {
		return await modelWith(tokenizer, loaded, { id, place, settings, signal });
	} catch (error) {
		await tokenizer.close();
		throw error;
	}
}

interface Opening {
	readonly id: string;
	readonly place: ModelPlace;
	readonly settings: EngineSettings;
	readonly signal: AbortSignal | undefined;
}

async function modelWith(
	tokenizer: Tokenizer,
	loaded: LoadedDecoder,
	{ id, place: { folder, adapter }, settings, signal }: Opening,
): Promise<LanguageModel> {
	const { decoder } = loaded;
	const tuning = await tuningFor(settings, fileBytes(loaded));
	const prepack = copiesWeights(settings, fileBytes(loaded), tuning.device);
	const memory = memoryBudget(settings);
	requireBase(id, memory, tokenizer.processBytes);
	const identity = await modelIdentity(loaded, settings.cacheFolder);
	const quantised = quantisedWeights(settings, identity);
	const int8File = int8Weights(settings, identity);
	const blockProducts = blockProductsOf(settings);
	if (blockProducts !== 'none') requireBlocks(id, loaded, tuning.device);
	const { endTokens } = tokenizer;
	const options = {
		folder,
		decodedFolder: weightsFolder(settings),
		adapter,
		endTokens,
		maxTokens,
		prepack,
		memory,
		tokenizerBytes: tokenizer.processBytes,
		blockProducts,
		...tuning,
	};
	const weights = {
		...(quantised === undefined ? {} : { quantised }),
		...(int8File === undefined ? {} : { int8File }),
	};
	const engine = await startEngine({ ...options, ...weights }, signal).catch((error: unknown) => {
		throw tuning.measured && tuning.device !== 'cpu' ? cardRefused(id, tuning.device, error) : error;
	});
	const model = languageModel(id, identityIn(settings, identity), decoder.sizes, tokenizer, engine);
	const answerEnds = await endsOfAnswers(tokenizer);
	const precision = reducedPrecision(settings);
	return {
		...model,
		endTokens: answerEnds,
		tuning,
		memory: await engine.memory(),
		...(precision === undefined ? {} : { reducedPrecision: precision }),
	};
}

/** A model without a template ends an answer with the line, too. */
async function endsOfAnswers(tokenizer: Tokenizer): Promise<TokenIds> {
	if (tokenizer.chatTemplate.kind !== 'plain') return tokenizer.endTokens;
	const lines = await Promise.all(['\n', '\n\n'].map(async (text) => (await tokenizer.encode(text)).ids));
	return [...new Set([...tokenizer.endTokens, ...lines.filter(({ length }) => length === 1).flat()])];
}

/** Throws a `UserError` where a model has no blocks to multiply. */
function requireBlocks(id: string, { checkpoint }: LoadedDecoder, device: Device): void {
	const entries = [...checkpoint.tensors.values()];
	if (!entries.some(isBlockMatrix)) {
		const types = [...new Set(entries.map(({ dtype }) => dtype))].join(', ');
		throw new UserError(
			`${id}: "fast" multiplies the blocks of a quantised GGUF file as they are, but these weights are ${types}. ` +
				'Take a quantised GGUF file, or int8, which rounds weights to 8 bits.',
		);
	}
	if (device === 'cpu') return;
	throw new UserError(`${id}: "fast" is computed on the CPU only, not on ${device}. Take --device cpu.`);
}

/** A card that nobody asked for by name is no reason to fail without a way out. */
function cardRefused(id: string, device: Device, error: unknown): unknown {
	if (!(error instanceof UserError)) return error;
	return new UserError(
		`${id}: cannot be opened with ${device}, which was the fastest when this machine was measured. ` +
			`Take --device cpu, or measure again: rationale doctor --calibrate. What it said: ${error.message}`,
	);
}

function languageModel(
	id: string,
	identity: string,
	{ contextLength, vocabulary }: DecoderSizes,
	tokenizer: Tokenizer,
	engine: EngineProcess,
): LanguageModel {
	const fits = (prompts: readonly TokenIds[], answer: number): void => {
		requireRoom(id, contextLength, prompts, answer);
		requireKnown(id, vocabulary, prompts);
	};
	const model: LanguageModel = {
		id,
		identity,
		capabilities,
		specialTokens: tokenizer.specialTokens,
		controlTokens: tokenizer.controlTokens,
		contextLength,
		encode: (text) => tokenizer.encode(text),
		decode: (ids) => tokenizer.decode(ids),
		fewestTokens: (text) => tokenizer.fewestTokens(text),
		templateNames: tokenizer.chatTemplate.names,
		renderChat: (messages, variables) =>
			tokenizer.chatTemplate.render(messages, {
				addGenerationPrompt: messages.at(-1)?.role !== 'assistant',
				...(variables && { variables }),
			}),
		scoreLabels: async (prompts, answers, options) => {
			const reasoning = options?.reasoning;
			if (reasoning !== undefined) return scoreAfterThought(model, prompts, answers, { ...options, reasoning });
			fits(prompts, Math.max(...answers.map(({ length }) => length)));
			requireKnown(id, vocabulary, answers);
			return await withTexts(tokenizer, await engine.scoreLabels(prompts, answers, options));
		},
		attribute: async (prompts, targets, outputs, options) => {
			fits(prompts, 0);
			return engine.attribute(prompts, targets, outputs, options);
		},
		attributeByPasses: async (prompts, request) => {
			fits(
				prompts.map(({ ids }) => ids),
				0,
			);
			return engine.attributeByPasses(prompts, request);
		},
		scoreSoftly: async (prompts, answers, labelOf) => {
			fits(
				prompts.map(({ ids }) => ids),
				0,
			);
			requireKnown(id, vocabulary, answers);
			return engine.scoreSoftly(prompts, answers, labelOf);
		},
		generate: async (prompts, options, watch) => {
			const { reasoning } = options;
			if (reasoning !== undefined) return generateAfterThought(model, prompts, { ...options, reasoning });
			fits(prompts, options.maxNewTokens);
			return engine.generate(prompts, options, watch);
		},
		close: async () => {
			await Promise.all([engine.close(), tokenizer.close()]);
		},
	};
	return model;
}

/** Returns the scores with the likeliest tokens as texts. */
async function withTexts(tokenizer: Tokenizer, scores: readonly TokenScores[]): Promise<LabelScores[]> {
	const tokens = scores.flatMap(({ likeliest = [] }) => likeliest);
	const texts = await tokenTexts(
		tokenizer,
		tokens.map(({ token }) => token),
	);
	const textOf = ({ token, logProbability }: ScoredToken): LikelyToken => ({
		text: entryOf(texts, token, 'text'),
		logProbability,
	});
	return scores.map(({ likeliest, ...rest }) =>
		likeliest === undefined ? rest : { ...rest, likeliest: likeliest.map(textOf) },
	);
}

/** Returns each token as text; control tokens, which decoding leaves out, as they are spelled. */
async function tokenTexts(tokenizer: Tokenizer, tokens: readonly number[]): Promise<Map<number, string>> {
	const texts = new Map<number, string>();
	for (const token of new Set(tokens)) texts.set(token, await tokenizer.decode([token]));
	if (![...texts.values()].includes('')) return texts;
	for (const spelled of tokenizer.specialTokens) {
		const [token, ...more] = (await tokenizer.encode(spelled)).ids;
		if (token !== undefined && more.length === 0 && texts.get(token) === '') texts.set(token, spelled);
	}
	return texts;
}

/** A tokenizer may have been given tokens that the model never got a row for. */
function requireKnown(id: string, vocabulary: number, sequences: readonly TokenIds[]): void {
	for (const token of sequences.flat()) {
		if (token < vocabulary) continue;
		throw new UserError(
			`${id}: the tokenizer gives token ${token}, but the model knows ${vocabulary} tokens, from 0 on. ` +
				'Its tokenizer.json is that of another model, or has tokens that were added later: give the files of one model.',
		);
	}
}

/** Beyond the length a model was made for, positions mean nothing to it. */
function requireRoom(id: string, contextLength: number, prompts: readonly TokenIds[], answer: number): void {
	const longest = Math.max(0, ...prompts.map(({ length }) => length));
	if (longest + answer <= contextLength) return;
	throw new UserError(
		`${id}: the prompt has ${longest} tokens and the answer up to ${answer}, but the model reads at most ` +
			`${contextLength}. Shorten the text, or ask for a shorter answer.`,
	);
}

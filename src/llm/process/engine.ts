/** Runs a decoder: label scores, attribution passes, generation. Blocks its thread while it computes, so it lives in a child process. */
import { commonPrefixLength } from '../../core/commonPrefixLength.ts';
import type { Bits } from '../../engine/graph/blockWeights.ts';
import { roundedProducts } from '../../engine/graph/weightUse.ts';
import type { Value } from '../../engine/onnx/session.ts';
import { defaultTuning, type EngineTuning } from '../tuning.ts';
import type { BlockProducts, MemoryPlan } from '../engineSettings.ts';
import { generate, stepGraph } from '../generation/generator.ts';
import type {
	AttributionPass,
	ExplainedPrompt,
	GeneratedTokens,
	GenerationOptions,
	GenerationWatch,
	MultiPassAttribution,
	MultiPassRequest,
	PassOptions,
	PassOutput,
	ScoringOptions,
	SoftPrompt,
	Target,
	TokenIds,
} from '../languageModel.ts';
import { blockDecoder, decodedDecoder } from '../models/blockDecoder.ts';
import { type LoadedDecoder, loadDecoder } from '../models/loadDecoder.ts';
import { attributionGraph } from '../attribution/attributionGraph.ts';
import { groupByLength } from '../graphs/batches.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { floatsOf, idGrid, promptFeeds, targetFeeds } from '../graphs/feeds.ts';
import { createPrefixCache } from '../prefix/keyValueCache.ts';
import { scoreLabels, sumsByLabel, type TokenScores } from '../scoring/labelScores.ts';
import { type CountedGraphs, largestPrefixCache, planMemory } from '../sessions/memoryPlan.ts';
import { attributeByPasses } from '../attribution/attributeByPasses.ts';
import { positionedTokens } from '../graphs/row.ts';
import { scoreSoftly } from '../scoring/softMasking.ts';
import { prefixToCache } from '../attribution/pathPoints.ts';
import { predictionContexts } from '../sessions/predictionContexts.ts';
import { int8Decoder, quantisedDecoder } from '../sessions/quantisedDecoder.ts';
import { createSessionPool } from '../sessions/sessionPool.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** The defaults of a tuning where its parts are left out. */
export interface EngineOptions extends Partial<EngineTuning> {
	/** A folder, or a GGUF file. */
	readonly folder: string;
	/** Where the numbers of a GGUF file are kept; only such files need it. */
	readonly decodedFolder?: string;
	/** Folder of an adapter; none where null or left out. */
	readonly adapter?: string | null;
	readonly endTokens: readonly number[];
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	readonly prepack: boolean;
	/** Bits of the weights in products, and the file that keeps them; as stored when left out. */
	readonly quantised?: { readonly bits: Bits; readonly file: string };
	/** Which predictions multiply the blocks of a GGUF file as whole numbers; none when left out. */
	readonly blockProducts?: BlockProducts;
	/** The file that keeps weights of 8 bits for scores of reduced precision; these are exact when left out. */
	readonly int8File?: string;
	/** A prefix is computed on its own where that saves at least this many tokens; by the model's width when left out. */
	readonly minimumSharedTokens?: number;
	/** Bytes that the program may take; no limit when left out. */
	readonly memory?: number;
	/** Bytes of these that a process beside this one and the program takes, for the tokenizer; none when left out. */
	readonly tokenizerBytes?: number;
}

/** Everything that can be asked of the engine process. */
export interface Engine {
	contextLength(): Promise<number>;
	/** Returns what the engine takes, and what it decided to fit into the memory it was given. */
	memory(): Promise<MemoryPlan>;
	scoreLabels(
		prompts: readonly TokenIds[],
		answers: readonly TokenIds[],
		options?: ScoringOptions,
	): Promise<TokenScores[]>;
	attribute(
		prompts: readonly TokenIds[],
		targets: readonly Target[],
		outputs: readonly PassOutput[],
		options?: PassOptions,
	): Promise<AttributionPass[]>;
	attributeByPasses(prompts: readonly ExplainedPrompt[], request: MultiPassRequest): Promise<MultiPassAttribution[]>;
	scoreSoftly(
		prompts: readonly SoftPrompt[],
		answers: readonly TokenIds[],
		labelOf?: readonly number[],
	): Promise<number[][][][]>;
	generate(
		prompts: readonly TokenIds[],
		options: GenerationOptions,
		watch?: GenerationWatch,
	): Promise<GeneratedTokens[]>;
}

/** Returns an engine for a model folder; graphs are compiled when first needed. Throws what `loadDecoder` throws. */
export function createEngine(options: EngineOptions): Engine {
	const exact = decoderWith(options);
	const int8 = options.int8File === undefined ? null : int8Decoder(exact, options.int8File);
	const loaded = int8?.loaded ?? exact;
	const { prepack, memory = Infinity, tokenizerBytes: beside = 0 } = options;
	const { device, threads, runs } = { ...defaultTuning, ...options };
	const graphs = countedGraphs(loaded, options.blockProducts);
	const planned = (): MemoryPlan =>
		planMemory(loaded, graphs, { prepack, budget: memory, beside, mostTokens: options.maxTokens });
	const plan = memory === Infinity ? undefined : planned();
	const { session } = createSessionPool({
		loaded,
		prepack,
		device,
		threads,
		available: plan?.forGraphs ?? Infinity,
	});
	const maxTokens = plan?.maxTokens ?? options.maxTokens;
	const { decoder } = loaded;
	const { modelType } = loaded.family;
	const cacheBytes = plan?.prefixCache ?? largestPrefixCache;
	const exactContext: EngineContext = {
		decoder,
		modelType,
		session,
		runs: { forward: Math.min(maxTokens, runs.forward), gradient: Math.min(maxTokens, runs.gradient) },
		minimumSharedTokens: options.minimumSharedTokens ?? minimumSharedTokensFor(decoder.sizes.hidden),
		prefixes: createPrefixCache(cacheBytes),
	};
	const { blockProducts = 'none' } = options;
	const { usual, reduced } = predictionContexts(exactContext, loaded, { int8, blockProducts, cacheBytes });
	const scoringContexts = { usual, reduced, full: exactContext };
	return {
		memory: async () => plan ?? planned(),
		contextLength: async () => decoder.sizes.contextLength,
		scoreLabels: (prompts, labels, scoring) =>
			scoreLabels(scoringContexts[scoring?.precision ?? 'usual'], prompts, labels, scoring),
		attribute: (prompts, targets, outputs, passOptions = {}) =>
			attribute(exactContext, prompts, targets, outputs, passOptions),
		attributeByPasses: async (prompts, request) => {
			const found: MultiPassAttribution[] = [];
			for (const prompt of prompts) found.push(await attributeByPasses(exactContext, prompt, request));
			return found;
		},
		scoreSoftly: async (prompts, answers, labelOf = [...answers.keys()]) => {
			const firstTokens = answers.map((answer) => answer.slice(0, 1));
			const tokens = firstTokens.flat();
			const found: number[][][][] = [];
			for (const prompt of prompts) {
				const drawn = await scoreSoftly(usual, prompt, tokens);
				found.push(drawn.map((rows) => rows.map((values) => sumsByLabel(values, firstTokens, labelOf))));
			}
			return found;
		},
		generate: async (prompts, { constraints, ...rest }, watch) => {
			const step = await usual.session('generate', () => stepGraph(decoder));
			const generator = { session: step, decoder, endTokens: options.endTokens };
			const shared = commonTokens(prompts);
			const isWorthSharing = shared * (prompts.length - 1) >= usual.minimumSharedTokens;
			const [first = []] = prompts;
			const cache = await usual.prefixes.of(
				usual,
				positionedTokens(isWorthSharing ? prefixToCache(first, shared) : []),
			);
			return inBatches(
				prompts.map((prompt, number) => ({ prompt, number, constraint: constraints?.[number] })),
				maxTokens,
				(batch) => generate(generator, batch, cache, rest, watch),
				({ prompt }) => prompt.length + rest.maxNewTokens,
			);
		},
	};
}

/** Blocks of a GGUF file stay as they are on the CPU, unless weights are copied as float32 or rounded anew. */
function decoderWith({ folder, adapter, decodedFolder, prepack, quantised, ...tuning }: EngineOptions): LoadedDecoder {
	const loaded = loadDecoder(folder, adapter);
	if (quantised !== undefined)
		return quantisedDecoder(decodedDecoder(loaded, decodedFolder), quantised.bits, quantised.file);
	const { device } = { ...defaultTuning, ...tuning };
	return prepack || device !== 'cpu' ? decodedDecoder(loaded, decodedFolder) : blockDecoder(loaded, decodedFolder);
}

/** Returns the graphs that studies spend their memory on. */
function countedGraphs(
	{ decoder, quantised }: LoadedDecoder,
	blockProducts: EngineOptions['blockProducts'],
): CountedGraphs {
	const forward = readGraph(decoder);
	return {
		forward: blockProducts === 'all' ? roundedProducts(forward, quantised) : forward,
		gradient: (form) => attributionGraph(decoder, ['gradientXInput.dot'], undefined, form),
	};
}

/**
 * Returns how many tokens a run of its own must save: about what its overhead costs, which is the same for every width,
 * while a token costs the square of the width.
 */
function minimumSharedTokensFor(hidden: number): number {
	return Math.round(64 * Math.max(1, (576 / hidden) ** 2));
}

/** Runs items in groups of similar length and returns the results in the items' order. */
async function inBatches<Item, Result>(
	items: readonly Item[],
	maxTokens: number,
	run: (batch: readonly Item[]) => Promise<readonly Result[]>,
	lengthOf: (item: Item) => number = (item) => (item as TokenIds).length,
): Promise<Result[]> {
	const results = new Array<Result>(items.length);
	for (const group of groupByLength(items.map(lengthOf), maxTokens)) {
		const found = await run(group.map((index) => items[index] as Item));
		for (const [i, index] of group.entries()) results[index] = found[i] as Result;
	}
	return results;
}

async function attribute(
	context: EngineContext,
	prompts: readonly TokenIds[],
	targets: readonly Target[],
	outputs: readonly PassOutput[],
	{ attention, neutralToken, explainedFrom }: PassOptions,
): Promise<AttributionPass[]> {
	const { decoder, session, runs } = context;
	const name = `attribute ${JSON.stringify([outputs, attention])}`;
	const graph = await session(name, (form) => attributionGraph(decoder, outputs, attention, form));
	const neutral = neutralToken === undefined ? {} : { neutralToken: idGrid([[neutralToken]]) };
	const from = Math.min(...(explainedFrom ?? [0]), commonTokens(prompts));
	const [first = []] = prompts;
	const cache = await context.prefixes.of(context, positionedTokens(prefixToCache(first, from)));
	return inBatches(
		prompts.map((prompt, i) => ({ prompt: prompt.slice(cache.length), target: targets[i] as Target })),
		runs.gradient,
		async (batch) => {
			const feeds = promptFeeds(
				batch.map(({ prompt }) => prompt),
				cache.length,
			);
			const ofTargets = targetFeeds(
				batch.map(({ target }) => target),
				decoder.sizes.vocabulary,
			);
			const results = await graph.run({ ...cache.feeds, ...feeds, ...ofTargets, ...neutral });
			return passesOf(results, batch, outputs, cache.length);
		},
		({ prompt }) => prompt.length,
	);
}

/** Returns how many tokens all prompts begin with; at least one token of each is left over. */
function commonTokens(prompts: readonly TokenIds[]): number {
	return Math.min(commonPrefixLength(prompts), ...prompts.map(({ length }) => length - 1));
}

/** Returns scores [T]; 0 for the cached tokens. */
function passesOf(
	results: Readonly<Record<string, Value>>,
	batch: readonly { readonly prompt: TokenIds }[],
	outputs: readonly PassOutput[],
	cached: number,
): AttributionPass[] {
	const width = Math.max(...batch.map(({ prompt }) => prompt.length));
	const scores = (name: PassOutput, row: number, length: number): Float32Array => {
		const all = new Float32Array(cached + length);
		all.set(floatsOf(results, name).subarray(row * width, row * width + length), cached);
		return all;
	};
	return batch.map(({ prompt }, row) =>
		Object.fromEntries(outputs.map((name) => [name, scores(name, row, prompt.length)])),
	);
}

/** Runs a decoder: label scores, attribution passes, generation. Blocks its thread while it computes, so it lives in a child process. */
import type { Node } from '../../engine/graph/node.ts';
import { createSession, type Session, type Value } from '../../engine/onnx/session.ts';
import { createGenerator, type Generator } from '../generation/generator.ts';
import type {
	AttributionPass,
	ExplainedPrompt,
	GeneratedTokens,
	GenerationOptions,
	LabelScores,
	MultiPassAttribution,
	MultiPassRequest,
	OnToken,
	PassOptions,
	PassOutput,
	Target,
	TokenIds,
} from '../languageModel.ts';
import { type LoadedDecoder, loadDecoder } from '../models/loadDecoder.ts';
import { attributionGraph } from './attributionGraph.ts';
import { groupByLength } from './batches.ts';
import { floatsOf, idGrid, promptFeeds, targetFeeds, vector } from './feeds.ts';
import { firstTokenGraph, sequenceGraph } from './labelGraphs.ts';
import { attributeByPasses } from './multiPass.ts';
import { computePrefix, type EngineContext } from './sessions.ts';

export interface EngineOptions {
	readonly folder: string;
	/** Folder of an adapter; none where null or left out. */
	readonly adapter?: string | null;
	readonly endTokens: readonly number[];
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	readonly prepack: boolean;
	/** Backward passes compute blocks again instead of keeping them: less memory, more time; false when left out. */
	readonly recompute?: boolean;
}

/** Everything that can be asked of the engine process. */
export interface Engine {
	contextLength(): Promise<number>;
	scoreLabels(prompts: readonly TokenIds[], labels: readonly TokenIds[]): Promise<LabelScores[]>;
	attribute(
		prompts: readonly TokenIds[],
		targets: readonly Target[],
		outputs: readonly PassOutput[],
		options?: PassOptions,
	): Promise<AttributionPass[]>;
	attributeByPasses(prompts: readonly ExplainedPrompt[], request: MultiPassRequest): Promise<MultiPassAttribution[]>;
	generate(prompts: readonly TokenIds[], options: GenerationOptions, onToken?: OnToken): Promise<GeneratedTokens[]>;
}

/** Returns an engine for a model folder; graphs are compiled when first needed. Throws what `loadDecoder` throws. */
export function createEngine(options: EngineOptions): Engine {
	const loaded = loadDecoder(options.folder, options.adapter);
	const sessions = new Map<string, Promise<Session<string>>>();
	const session: EngineContext['session'] = (name, outputs) => {
		const known = sessions.get(name) ?? open(loaded, outputs(), options.prepack);
		sessions.set(name, known);
		return known;
	};
	let generator: Promise<Generator> | undefined;
	const { decoder } = loaded;
	const { modelType } = loaded.family;
	const context: EngineContext = {
		decoder,
		modelType,
		session,
		maxTokens: options.maxTokens,
		recompute: options.recompute ?? false,
	};
	return {
		contextLength: async () => decoder.sizes.contextLength,
		scoreLabels: async (prompts, labels) => {
			const firstTokens = labels.map((label) => label[0] as number);
			if (new Set(firstTokens).size < labels.length) {
				const graph = await session('sequence', () => sequenceGraph(decoder));
				return scoreSequences(graph, prompts, labels, decoder.sizes.vocabulary, options.maxTokens);
			}
			return scoreFirstTokens(context, prompts, firstTokens);
		},
		attribute: (prompts, targets, outputs, passOptions = {}) =>
			attribute(context, prompts, targets, outputs, passOptions),
		attributeByPasses: async (prompts, request) => {
			const found: MultiPassAttribution[] = [];
			for (const prompt of prompts) found.push(await attributeByPasses(context, prompt, request));
			return found;
		},
		generate: async (prompts, { constraints, ...rest }, onToken) => {
			generator ??= createGenerator(loaded, options);
			const opened = await generator;
			return inBatches(
				prompts.map((prompt, number) => ({ prompt, number, constraint: constraints?.[number] })),
				options.maxTokens,
				(batch) => opened.generate(batch, rest, onToken),
				({ prompt }) => prompt.length + rest.maxNewTokens,
			);
		},
	};
}

function open(
	loaded: LoadedDecoder,
	outputs: Readonly<Record<string, Node>>,
	prepack: boolean,
): Promise<Session<string>> {
	return createSession(outputs, { weightsFolder: loaded.checkpoint.rootFolder, place: loaded.place, prepack });
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

/** Computes what all prompts begin with once, then the rest of each prompt in batches. */
async function scoreFirstTokens(
	context: EngineContext,
	prompts: readonly TokenIds[],
	labels: readonly number[],
): Promise<LabelScores[]> {
	const prefix = await computePrefix(context, prompts.length > 1 ? commonPrefix(prompts) : []);
	const shared = prefix.length > 0;
	const graph = await context.session(`first token, ${shared}`, () => firstTokenGraph(context.decoder, shared));
	return inBatches(prompts, context.maxTokens, async (batch) => {
		const feeds = promptFeeds(
			batch.map((prompt) => prompt.slice(prefix.length)),
			prefix.length,
		);
		const results = await graph.run({ ...prefix.feeds, ...feeds, labels: vector(labels) });
		const values = floatsOf(results, 'logProbabilities'); // [C, B]
		return batch.map((_, row) => labelScores(labels.map((__, c) => Number(values[c * batch.length + row]))));
	});
}

/** Returns the tokens that all prompts begin with; at least one token of each is left over. */
function commonPrefix(prompts: readonly TokenIds[]): TokenIds {
	const first = prompts[0] as TokenIds;
	let length = Math.min(...prompts.map((prompt) => prompt.length)) - 1;
	for (const prompt of prompts) {
		while (!first.slice(0, length).every((id, i) => id === prompt[i])) length -= 1;
	}
	return first.slice(0, length);
}

function labelScores(logProbabilities: readonly number[]): LabelScores {
	return { logProbabilities, mass: logProbabilities.reduce((total, value) => total + Math.exp(value), 0) };
}

/** Scores every prompt followed by every label; log p(label) = sum_j log p(token j | prompt, tokens before j). */
async function scoreSequences(
	session: Session<string>,
	prompts: readonly TokenIds[],
	labels: readonly TokenIds[],
	vocabulary: number,
	maxTokens: number,
): Promise<LabelScores[]> {
	const jobs = prompts.flatMap((prompt) => labels.map((label) => ({ prompt, label })));
	const scores = await inBatches(
		jobs,
		maxTokens,
		async (batch) => {
			const feeds = promptFeeds(batch.map(({ prompt, label }) => [...prompt, ...label.slice(0, -1)]));
			const width = (feeds['ids'] as Value).sizes[1] as number;
			const steps = batch.flatMap(({ prompt, label }, row) =>
				label.map((token, j) => ({ row, place: row * width + prompt.length - 1 + j, token })),
			);
			const targets = steps.map(({ token }, m) => m * vocabulary + token);
			const results = await session.run({
				...feeds,
				rows: vector(steps.map(({ place }) => place)),
				targets: vector(targets),
			});
			const sums = batch.map(() => 0);
			for (const [m, { row }] of steps.entries()) {
				sums[row] = (sums[row] as number) + Number((results['logProbabilities'] as Value).data[m]);
			}
			return sums;
		},
		({ prompt, label }) => prompt.length + label.length,
	);
	return prompts.map((_, i) => labelScores(scores.slice(i * labels.length, (i + 1) * labels.length)));
}

async function attribute(
	{ decoder, session, maxTokens, recompute }: EngineContext,
	prompts: readonly TokenIds[],
	targets: readonly Target[],
	outputs: readonly PassOutput[],
	{ attention, neutralToken }: PassOptions,
): Promise<AttributionPass[]> {
	const name = `attribute ${JSON.stringify([outputs, attention])}`;
	const graph = await session(name, () => attributionGraph(decoder, outputs, attention, recompute));
	const neutral = neutralToken === undefined ? {} : { neutralToken: idGrid([[neutralToken]]) };
	return inBatches(
		prompts.map((prompt, i) => ({ prompt, target: targets[i] as Target })),
		maxTokens,
		async (batch) => {
			const feeds = promptFeeds(batch.map(({ prompt }) => prompt));
			const ofTargets = targetFeeds(
				batch.map(({ target }) => target),
				decoder.sizes.vocabulary,
			);
			return passesOf(await graph.run({ ...feeds, ...ofTargets, ...neutral }), batch, outputs);
		},
		({ prompt }) => prompt.length,
	);
}

function passesOf(
	results: Readonly<Record<string, Value>>,
	batch: readonly { readonly prompt: TokenIds }[],
	outputs: readonly PassOutput[],
): AttributionPass[] {
	const width = Math.max(...batch.map(({ prompt }) => prompt.length));
	const rowOf = (name: PassOutput, row: number, length: number): Float32Array =>
		floatsOf(results, name).slice(row * width, row * width + length);
	return batch.map(({ prompt }, row) =>
		Object.fromEntries(outputs.map((name) => [name, rowOf(name, row, prompt.length)])),
	);
}

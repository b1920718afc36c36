/** Runs a decoder: label scores, attribution passes, generation. Blocks its thread while it computes, so it lives in a child process. */
import type { Node } from '../../engine/graph/node.ts';
import { createSession, type Session, type Value } from '../../engine/onnx/session.ts';
import { createGenerator, type Generated, type Generator } from '../generation/generator.ts';
import type { AttributionPass, LabelScores, PassOutput, Target, TokenIds } from '../languageModel.ts';
import type { Decoder } from '../models/decoder.ts';
import { type LoadedDecoder, loadDecoder } from '../models/loadDecoder.ts';
import { attributionGraph } from './attributionGraph.ts';
import { groupByLength } from './batches.ts';
import { firstTokenGraph, prefixGraph, sequenceGraph } from './labelGraphs.ts';

export interface EngineOptions {
	readonly folder: string;
	readonly endTokens: readonly number[];
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	readonly prepack: boolean;
}

/** Everything that can be asked of the engine process. */
export interface Engine {
	contextLength(): Promise<number>;
	scoreLabels(prompts: readonly TokenIds[], labels: readonly TokenIds[]): Promise<LabelScores[]>;
	attribute(
		prompts: readonly TokenIds[],
		targets: readonly Target[],
		outputs: readonly PassOutput[],
	): Promise<AttributionPass[]>;
	generate(prompts: readonly TokenIds[], maxNewTokens: number): Promise<Generated[]>;
}

/** Returns the compiled graph of that name, compiling it the first time. */
type SessionSource = (name: string, outputs: () => Record<string, Node>) => Promise<Session<string>>;

/** Returns an engine for a model folder; graphs are compiled when first needed. Throws what `loadDecoder` throws. */
export function createEngine(options: EngineOptions): Engine {
	const loaded = loadDecoder(options.folder);
	const sessions = new Map<string, Promise<Session<string>>>();
	const session: SessionSource = (name, outputs) => {
		const known = sessions.get(name) ?? open(loaded, outputs(), options.prepack);
		sessions.set(name, known);
		return known;
	};
	let generator: Promise<Generator> | undefined;
	const { decoder } = loaded;
	return {
		contextLength: async () => decoder.sizes.contextLength,
		scoreLabels: async (prompts, labels) => {
			const firstTokens = labels.map((label) => label[0] as number);
			if (new Set(firstTokens).size < labels.length) {
				const graph = await session('sequence', () => sequenceGraph(decoder));
				return scoreSequences(graph, prompts, labels, decoder.sizes.vocabulary, options.maxTokens);
			}
			return scoreFirstTokens(session, decoder, prompts, firstTokens, options.maxTokens);
		},
		attribute: async (prompts, targets, outputs) => {
			const graph = await session(`attribute ${outputs.join(' ')}`, () => attributionGraph(decoder, outputs));
			const jobs = prompts.map((prompt, i) => ({ prompt, target: targets[i] as Target }));
			return inBatches(
				jobs,
				options.maxTokens,
				(batch) => attributeBatch(graph, batch, outputs, decoder.sizes.vocabulary),
				({ prompt }) => prompt.length,
			);
		},
		generate: async (prompts, maxNewTokens) => {
			generator ??= createGenerator(loaded, options);
			const opened = await generator;
			return inBatches(
				prompts,
				options.maxTokens,
				(batch) => opened.generate(batch, maxNewTokens),
				(prompt) => prompt.length + maxNewTokens,
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

/** Shorter common beginnings are not worth a pass of their own, in tokens. */
const shortestPrefix = 8;

/** Computes what all prompts begin with once, then the rest of each prompt in batches. */
async function scoreFirstTokens(
	session: SessionSource,
	decoder: Decoder,
	prompts: readonly TokenIds[],
	labels: readonly number[],
	maxTokens: number,
): Promise<LabelScores[]> {
	const prefix = prompts.length > 1 ? commonPrefix(prompts) : [];
	const shared = prefix.length >= shortestPrefix;
	const cached = shared ? await (await session('prefix', () => prefixGraph(decoder))).run(promptFeeds([prefix])) : {};
	const graph = await session(`first token, ${shared}`, () => firstTokenGraph(decoder, shared));
	const start = shared ? prefix.length : 0;
	return inBatches(prompts, maxTokens, async (batch) => {
		const feeds = promptFeeds(
			batch.map((prompt) => prompt.slice(start)),
			start,
		);
		const results = await graph.run({ ...cached, ...feeds, labels: vector(labels) });
		const values = (results['logProbabilities'] as Value).data; // [C, B]
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

async function attributeBatch(
	session: Session<string>,
	batch: readonly { readonly prompt: TokenIds; readonly target: Target }[],
	outputs: readonly PassOutput[],
	vocabulary: number,
): Promise<AttributionPass[]> {
	const feeds = promptFeeds(batch.map(({ prompt }) => prompt));
	const width = (feeds['ids'] as Value).sizes[1] as number;
	const weights = batch.flatMap(({ target }) => target.weights);
	const results = await session.run({
		...feeds,
		targetTokens: vector(batch.flatMap(({ target }, row) => target.tokens.map((token) => row * vocabulary + token))),
		targetWeights: { data: Float32Array.from(weights), sizes: [weights.length] },
	});
	const rowOf = (name: PassOutput, row: number, length: number): Float32Array =>
		((results[name] as Value).data as Float32Array).slice(row * width, row * width + length);
	return batch.map(({ prompt }, row) =>
		Object.fromEntries(outputs.map((name) => [name, rowOf(name, row, prompt.length)])),
	);
}

/** Feeds of prompts padded on the right, which begin at place `start`; the causal mask keeps padding out of sight. */
function promptFeeds(prompts: readonly TokenIds[], start = 0): Record<string, Value> {
	const width = Math.max(...prompts.map((prompt) => prompt.length));
	const grid = (columns: number, value: (row: number, place: number) => number): Value => ({
		data: BigInt64Array.from({ length: prompts.length * columns }, (_, i) =>
			BigInt(value(Math.floor(i / columns), i % columns)),
		),
		sizes: [prompts.length, columns],
	});
	return {
		ids: grid(width, (row, place) => prompts[row]?.[place] ?? 0),
		positions: grid(width, (_, place) => start + place),
		keyPositions: grid(start + width, (_, place) => place),
		last: vector(prompts.map((prompt, row) => row * width + prompt.length - 1)),
	};
}

function vector(values: readonly number[]): Value {
	return { data: BigInt64Array.from(values, BigInt), sizes: [values.length] };
}

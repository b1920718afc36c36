/** What the engine needs in memory, estimated from graphs before they run. All numbers are bytes. */
import { UserError } from '../../core/errors.ts';
import { memoize } from '../../core/memoize.ts';
import { elementBytes, peakBytes } from '../../engine/graph/memory.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { weightSizes } from '../../engine/graph/weightSizes.ts';
import { product, sizeOf } from '../../engine/graph/shape.ts';
import { blockOwner, type Quantised } from '../../engine/graph/blockWeights.ts';
import { storedWeights } from '../../engine/graph/weightUse.ts';
import { inGigabytes, type MemoryPlan } from '../engineSettings.ts';
import { isMappable } from '../models/blockDecoder.ts';
import { isBlockType } from '../weights/gguf/blockTypes.ts';
import type { TensorEntry } from '../weights/safetensors.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import type { DecoderSizes } from '../models/decoder.ts';
import { type GraphForm, graphForms, type GraphMaker } from '../graphs/graphForm.ts';

/** What the engine's process takes before it has a model. */
export const engineBytes = 150 * 2 ** 20;

/** What the program takes beside the engine: prompts, results, a tokenizer that comes with it. */
const programBytes = 150 * 2 ** 20;

/** What onnxruntime's arena loses to gaps, as a share of what is alive. */
const arenaOverhead = 1.15;

/** What onnxruntime keeps of a graph: for its threads and kernels, and for each node. */
const sessionBytes = 25e6;
const nodeBytes = 10e3;

const smallestBatch = 64;

/** Limit for the prefix cache where memory is plentiful, and how many full runs a study keeps at most. */
export const largestPrefixCache = 256 * 2 ** 20;
const prefixCacheShare = 2;

/** Smaller runs are slower, in tokens. */
const efficientRun = 256;

/** The graphs that are counted: of predictions, and of gradients. */
export interface CountedGraphs {
	readonly forward: Readonly<Record<string, Node>>;
	readonly gradient: GraphMaker;
}

export interface MemoryLimits {
	readonly prepack: boolean;
	/** Bytes. */
	readonly budget: number;
	/** Bytes of other processes that the budget is for, too. */
	readonly beside: number;
	readonly mostTokens: number;
}

/**
 * Returns the most tokens per run, at most `mostTokens`, that fit while a graph for predictions and one for gradients are
 * open together; where that is not possible, while either is open; then the same with blocks computed twice, which takes
 * longer; then with small runs. Each graph has the weights for itself: mapped files count for every graph that maps them.
 * Throws a `UserError` where not even a short text fits.
 */
export function planMemory(loaded: LoadedDecoder, graphs: CountedGraphs, limits: MemoryLimits): MemoryPlan {
	const { budget } = limits;
	const planFor = planner(loaded, graphs, limits);
	const sizes = halves(limits.mostTokens);
	const ways = graphForms.flatMap((form) => [true, false].map((isTogether) => ({ form, isTogether })));
	const inOrder = [sizes.filter((size) => size >= efficientRun), sizes].flatMap((some) =>
		ways.flatMap((way) => some.map((maxTokens) => ({ ...way, maxTokens }))),
	);
	for (const { maxTokens, form, isTogether } of inOrder) {
		const plan = planFor(maxTokens, form, isTogether);
		if (plan.total <= budget) return plan;
	}
	throw tooLittle(loaded.folder, planFor(sizes.at(-1) as number, 'checkpointed', false));
}

function halves(most: number): number[] {
	const sizes = [most];
	for (let size = Math.floor(most / 2); size >= smallestBatch; size = Math.floor(size / 2)) sizes.push(size);
	return sizes;
}

function planner(loaded: LoadedDecoder, graphs: CountedGraphs, { prepack, budget, beside }: MemoryLimits) {
	const { decoder, quantised } = loaded;
	const forward = storedAs(graphs.forward, prepack, quantised);
	const gradient = memoize((form: GraphForm) => storedAs(graphs.gradient(form), prepack, quantised));
	return (maxTokens: number, form: GraphForm, isTogether: boolean): MemoryPlan => {
		const names = new Map(Object.entries({ B: 1, J: 1, N: 1, P: 0, T: maxTokens, S: maxTokens }));
		const parts = [forward, gradient(form)].map((graph) => ({
			sizes: weightSizes(Object.values(graph), prepack),
			weights: weightBytes(graph, prepack),
			activations: activationBytes(graph, names),
		}));
		const size = (part: (typeof parts)[number]): number => part.weights + part.activations;
		const counted = isTogether ? parts : [parts.reduce((a, b) => (size(a) > size(b) ? a : b))];
		const weights = counted.reduce((total, part) => total + part.weights, 0);
		const weightsByType = bytesByType(
			loaded,
			prepack ? 'F32' : null,
			counted.flatMap(({ sizes }) => [...sizes]),
		);
		const activations = counted.reduce((total, part) => total + part.activations, 0);
		const own = cacheBytes(decoder.sizes, maxTokens);
		const prefixCache = Math.min(largestPrefixCache, budget / 16, prefixCacheShare * own);
		const base = engineBytes + programBytes + beside;
		const cache = own + prefixCache;
		const total = base + weights + activations + cache;
		const recompute = form !== 'plain';
		return {
			base,
			weights,
			weightsByType,
			activations,
			cache,
			total,
			forGraphs: budget - base - cache,
			prefixCache,
			budget,
			maxTokens,
			recompute,
		};
	};
}

/** Returns a graph as a session runs it. */
export function storedAs(
	outputs: Readonly<Record<string, Node>>,
	prepack: boolean,
	quantised: Quantised,
): Readonly<Record<string, Node>> {
	return prepack ? outputs : storedWeights(outputs, quantised);
}

/**
 * Returns what a session takes beside weights: what onnxruntime keeps of its graph, and the intermediate values and
 * outputs of a run, with the names in shapes bound to sizes.
 */
export function activationBytes(outputs: Readonly<Record<string, Node>>, names: ReadonlyMap<string, number>): number {
	const nodes = Object.values(outputs);
	return sessionBytes + nodeBytes * topologicalOrder(nodes).length + arenaOverhead * peakBytes(nodes, names);
}

/** Returns what the weights of a session take. */
export function weightBytes(outputs: Readonly<Record<string, Node>>, prepack: boolean): number {
	return [...weightSizes(Object.values(outputs), prepack).values()].reduce((total, bytes) => total + bytes, 0);
}

/** Returns bytes of weights by the type they lie in: that of the file, or `copies` where all are copied in one. */
function bytesByType(
	{ checkpoint, quantised }: LoadedDecoder,
	copies: string | null,
	sizes: readonly (readonly [name: string, bytes: number])[],
): Readonly<Record<string, number>> {
	const typeOf = (name: string): string => {
		const { name: owner, dtype } = checkpoint.tensors.get(blockOwner(name) ?? name) as TensorEntry;
		const bits = quantised.get(owner)?.bits;
		if (bits !== undefined && !isBlockType(dtype)) return `int${bits}`;
		return dtype === 'U8' ? 'int8' : dtype;
	};
	const types: Record<string, number> = {};
	for (const [name, bytes] of sizes) {
		const type = copies ?? typeOf(name);
		types[type] = (types[type] ?? 0) + bytes;
	}
	return types;
}

/** Returns the size of all tensors of the files, those of blocks decoded to float32. */
export function fileBytes({ checkpoint }: LoadedDecoder): number {
	return [...checkpoint.tensors.values()].reduce(
		(total, entry) =>
			total +
			(isMappable(entry) ? entry.byteLength : elementBytes.float32 * sizeOf(product(...entry.shape), new Map())),
		0,
	);
}

/** Keys and values of all layers, in JavaScript and once more in onnxruntime. */
function cacheBytes({ layers, keyValueHeads, headWidth }: DecoderSizes, tokens: number): number {
	return 2 * 2 * layers * keyValueHeads * headWidth * tokens * elementBytes.float32;
}

/**
 * Throws a `UserError` where the budget does not even hold the processes without a model, before another one is started; `beside`
 * as in `MemoryLimits`.
 */
export function requireBase(id: string, budget: number, beside: number): void {
	const base = engineBytes + programBytes + beside;
	if (base < budget) return;
	throw new UserError(
		`${id}: the program, its engine and the tokenizer alone need ${inGigabytes(base)}, but ${inGigabytes(budget)} may be used. ` +
			'Give more with --memory, or close other programs.',
	);
}

function tooLittle(folder: string, { total, budget, weights, maxTokens }: MemoryPlan): UserError {
	return new UserError(
		`${folder}: needs ${inGigabytes(total)} for texts of ${maxTokens} tokens (weights ${inGigabytes(weights)}), ` +
			`but ${inGigabytes(budget)} may be used. Give more with --memory, close other programs, or take a smaller model ` +
			'or --weights int8.',
	);
}

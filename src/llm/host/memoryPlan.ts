/** What the engine needs in memory, estimated from graphs before they run. All numbers are bytes. */
import { UserError } from '../../core/errors.ts';
import { elementBytes, peakBytes } from '../../engine/graph/memory.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { product, sizeOf } from '../../engine/graph/shape.ts';
import { type Quantised, storedWeights } from '../../engine/graph/weightUse.ts';
import { inGigabytes, type MemoryPlan } from '../engineSettings.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import type { DecoderSizes } from '../models/decoder.ts';
import type { TensorEntry } from '../weights/safetensors.ts';
import { attributionGraph } from './attributionGraph.ts';
import { readGraph } from './labelGraphs.ts';

/** What an engine process takes before it has a model. */
export const processBytes = 150 * 2 ** 20;

/** What onnxruntime's arena loses to gaps and its own buffers, as a share of what is alive. */
const arenaOverhead = 1.2;

const smallestBatch = 64;

/** Limit for kept keys and values where memory is plentiful, and how many full runs of them a study keeps at most. */
export const mostKept = 256 * 2 ** 20;
const keptShare = 2;

/** Returns the most tokens per run, at most `mostTokens`, that fit. Throws a `UserError` where not even a short text does. */
export function planMemory(loaded: LoadedDecoder, prepack: boolean, budget: number, mostTokens: number): MemoryPlan {
	const { decoder } = loaded;
	const stored = (outputs: Readonly<Record<string, Node>>) => storedAs(outputs, prepack, loaded.quantised);
	const forward = stored(readGraph(decoder));
	const lean = once(() => stored(attributionGraph(decoder, ['gradientXInput.dot'], undefined, true)));
	const plain = stored(attributionGraph(decoder, ['gradientXInput.dot']));
	const weights = prepack ? copiedBytes(forward) + copiedBytes(plain) : mappedBytes(loaded) + packedBytes(forward);
	const planFor = (maxTokens: number, recompute: boolean): MemoryPlan => {
		const names = new Map(Object.entries({ B: 1, J: 1, N: 1, P: 0, T: maxTokens, S: maxTokens }));
		const activations = activationBytes(forward, names) + activationBytes(recompute ? lean() : plain, names);
		const kept = Math.min(mostKept, budget / 16);
		const cache =
			cacheBytes(decoder.sizes, maxTokens) + Math.min(kept, keptShare * cacheBytes(decoder.sizes, maxTokens));
		const total = processBytes + weights + activations + cache;
		const forGraphs = budget - processBytes - cache - (prepack ? 0 : mappedBytes(loaded));
		return { base: processBytes, weights, activations, cache, total, forGraphs, kept, budget, maxTokens, recompute };
	};
	for (let maxTokens = mostTokens; ; maxTokens = Math.floor(maxTokens / 2)) {
		const plans = [planFor(maxTokens, false), planFor(maxTokens, true)];
		const fitting = plans.find(({ total }) => total <= budget);
		if (fitting !== undefined) return fitting;
		if (maxTokens / 2 < smallestBatch) throw tooLittle(loaded.folder, plans[1] as MemoryPlan);
	}
}

/** Returns a graph as a session runs it. */
export function storedAs(
	outputs: Readonly<Record<string, Node>>,
	prepack: boolean,
	quantised: Quantised,
): Readonly<Record<string, Node>> {
	return prepack ? outputs : storedWeights(outputs, quantised);
}

/** Returns what the intermediate values of a run take, with the names in shapes bound to sizes. */
export function activationBytes(outputs: Readonly<Record<string, Node>>, names: ReadonlyMap<string, number>): number {
	return arenaOverhead * peakBytes(Object.values(outputs), names);
}

/** Returns the size of the float32 copies of weights that a prepacked graph makes: one for each way of use. */
export function copiedBytes(outputs: Readonly<Record<string, Node>>): number {
	const uses = new Map<string, number>();
	for (const { operation, inputs, parameters } of topologicalOrder(Object.values(outputs))) {
		for (const x of inputs) {
			const stored = x.operation === 'cast' ? x.inputs[0] : x;
			if (stored?.operation !== 'weight' || operation === 'cast') continue;
			const name = (stored as Node<'weight'>).parameters.name;
			const size = elementBytes.float32 * sizeOf(product(...stored.shape), new Map());
			uses.set(`${operation} ${JSON.stringify(parameters)} ${name}`, size);
		}
	}
	return [...uses.values()].reduce((a, b) => a + b, 0);
}

/** Returns the size of the copies that onnxruntime makes of matrices used in their quantised form. */
export function packedBytes(outputs: Readonly<Record<string, Node>>): number {
	return topologicalOrder(Object.values(outputs))
		.filter(({ operation }) => operation === 'quantisedMatmul')
		.flatMap(({ inputs }) => inputs.slice(1))
		.reduce((total, { type, shape }) => total + elementBytes[type] * sizeOf(product(...shape), new Map()), 0);
}

/** Returns the size of all tensors of the files. */
export function fileBytes({ checkpoint }: LoadedDecoder): number {
	return bytesOf([...checkpoint.tensors.values()]);
}

/** Returns the size of the mapped tensors; those that have a quantised form are not read. */
function mappedBytes({ checkpoint, quantised }: LoadedDecoder): number {
	return bytesOf([...checkpoint.tensors.values()].filter(({ name }) => !quantised.has(name)));
}

function bytesOf(tensors: readonly TensorEntry[]): number {
	return tensors.reduce((total, { byteLength }) => total + byteLength, 0);
}

/** Keys and values of all layers, in JavaScript and once more in onnxruntime. */
function cacheBytes({ layers, keyValueHeads, headWidth }: DecoderSizes, tokens: number): number {
	return 2 * 2 * layers * keyValueHeads * headWidth * tokens * elementBytes.float32;
}

function tooLittle(folder: string, { total, budget, weights, maxTokens }: MemoryPlan): UserError {
	return new UserError(
		`${folder}: needs ${inGigabytes(total)} for texts of ${maxTokens} tokens (weights ${inGigabytes(weights)}), ` +
			`but ${inGigabytes(budget)} may be used. Give more with --memory, close other programs, or take a smaller model ` +
			'or --weights int8.',
	);
}

function once<Result>(compute: () => Result): () => Result {
	let known: Result | undefined;
	return () => (known ??= compute());
}

/** How much memory a training takes, from the graph of a step. */
import { type Node, topologicalOrder } from '../engine/graph/node.ts';
import { sizeOf } from '../engine/graph/shape.ts';
import type { LoadedDecoder } from '../llm/models/loadDecoder.ts';
import { lossGraph } from './lossGraph.ts';
import type { TrainableDecoder } from './trainable.ts';

/** Sizes of a step: B sequences of T tokens, M counted tokens. */
export interface StepSizes {
	readonly B: number;
	readonly T: number;
	readonly M: number;
}

/** In bytes. */
export interface MemoryEstimate {
	/** Weights that stay as they are; those in 16 bits are widened. */
	readonly frozen: number;
	/** What is trained: values, gradients and two moments. */
	readonly trained: number;
	/** Most intermediate results of the largest step that exist at one time. */
	readonly intermediate: number;
	readonly total: number;
}

/** Of Node and the compiled graph. */
const program = 150 * 2 ** 20;

/** Returns the memory of a training whose largest step has the given sizes. */
export function estimateMemory(
	{ checkpoint }: LoadedDecoder,
	trainable: TrainableDecoder,
	sizes: StepSizes,
): MemoryEstimate {
	const isFrozen = [...checkpoint.tensors.keys()].filter((name) => !trainable.parameters.has(name));
	const frozen = isFrozen.reduce((sum, name) => {
		const entry = checkpoint.tensors.get(name);
		const elements = entry?.shape.reduce((a, b) => a * b, 1) ?? 0;
		return sum + (entry?.dtype === 'F32' ? 4 : 6) * elements;
	}, 0);
	const numbers = [...trainable.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
	const trained = 4 * 4 * numbers;
	const intermediate = largestLive(lossGraph(trainable.decoder, trainable.inputs), sizes);
	return { frozen, trained, intermediate, total: program + frozen + trained + intermediate };
}

/** Operations whose result is their input seen otherwise, or lies elsewhere already. */
const weightless: ReadonlySet<string> = new Set(['input', 'weight', 'constant', 'reshape', 'stopGradient']);

/** Returns the largest sum of sizes of results that are alive at one time, when each is freed after its last use. */
export function largestLive(outputs: Readonly<Record<string, Node>>, sizes: StepSizes): number {
	const names = new Map(Object.entries(sizes));
	const order = topologicalOrder(Object.values(outputs));
	const source = new Map<Node, Node>();
	const sourceOf = (node: Node): Node => source.get(node) ?? node;
	for (const node of order) {
		const [x] = node.inputs;
		if (x !== undefined && weightless.has(node.operation)) source.set(node, sourceOf(x));
	}
	const lastUse = new Map<Node, number>();
	for (const [time, node] of order.entries()) for (const x of node.inputs) lastUse.set(sourceOf(x), time);
	for (const node of Object.values(outputs)) lastUse.set(sourceOf(node), order.length);
	const bytesOf = (node: Node): number => {
		if (weightless.has(node.operation)) return 0;
		const elements = node.shape.reduce<number>((total, dimension) => total * sizeOf(dimension, names), 1);
		return elements * (node.type === 'int64' ? 8 : node.type === 'bool' ? 1 : 4);
	};
	const freed = order.map(() => 0);
	for (const [node, time] of lastUse) if (time < order.length) freed[time] = (freed[time] as number) + bytesOf(node);
	let [live, largest] = [0, 0];
	for (const [time, node] of order.entries()) {
		live += bytesOf(node);
		largest = Math.max(largest, live);
		live -= freed[time] as number;
	}
	return largest;
}

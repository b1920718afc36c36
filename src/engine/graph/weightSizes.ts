/** What the weights of a graph take in memory once it has run. */
import { elementBytes } from './memory.ts';
import { type Node, topologicalOrder } from './node.ts';
import { product, sizeOf } from './shape.ts';

/**
 * Returns the bytes of each weight by its name: copies as float32, one for each way of use, where weights are copied for the
 * fastest kernels; else tensors that stay mapped, or their first rows up to the last one used, and what onnxruntime copies
 * of matrices that it multiplies in blocks. Of tables that rows are looked up in by blocks, only these rows are read.
 */
export function weightSizes(outputs: readonly Node[], isCopied: boolean): ReadonlyMap<string, number> {
	return isCopied ? copiedSizes(outputs) : addedUp(mappedSizes(outputs), packedSizes(outputs));
}

function copiedSizes(outputs: readonly Node[]): ReadonlyMap<string, number> {
	const ways = new Set<string>();
	const sizes = new Map<string, number>();
	for (const { operation, inputs, parameters } of topologicalOrder(outputs)) {
		for (const x of inputs) {
			const stored = x.operation === 'cast' ? x.inputs[0] : x;
			if (stored === undefined || !isWeight(stored) || operation === 'cast') continue;
			const { name } = stored.parameters;
			const way = `${operation} ${JSON.stringify(parameters)} ${name}`;
			if (ways.has(way)) continue;
			ways.add(way);
			sizes.set(name, (sizes.get(name) ?? 0) + elementBytes.float32 * sizeOf(product(...stored.shape), new Map()));
		}
	}
	return sizes;
}

function mappedSizes(outputs: readonly Node[]): Map<string, number> {
	const ends = new Map<string, number>();
	for (const { operation, inputs } of topologicalOrder(outputs)) {
		if (operation === 'gatherBlocks') continue;
		for (const [i, x] of inputs.entries()) {
			if (!isWeight(x) || (operation === 'blockQuantisedMatmul' && i === 1)) continue;
			const { name, firstRow } = x.parameters;
			const [rows = 1, ...rest] = x.shape.map(Number);
			const end = elementBytes[x.type] * (firstRow + rows) * rest.reduce((a, b) => a * b, 1);
			ends.set(name, Math.max(ends.get(name) ?? 0, end));
		}
	}
	return ends;
}

/** Numbers in the layout of the kernel; for products that round, with two numbers for each scale. */
function packedSizes(outputs: readonly Node[]): Map<string, number> {
	const sizes = new Map<string, number>();
	for (const node of topologicalOrder(outputs)) {
		const [, numbers, scales] = node.inputs;
		if (node.operation !== 'blockQuantisedMatmul' || numbers === undefined || scales === undefined) continue;
		const { rounds } = (node as Node<'blockQuantisedMatmul'>).parameters;
		const bytes = bytesOf(numbers) + (rounds ? 2 * bytesOf(scales) : 0);
		sizes.set((numbers as Node<'weight'>).parameters.name, bytes);
	}
	return sizes;
}

function bytesOf({ type, shape }: Node): number {
	return elementBytes[type] * sizeOf(product(...shape), new Map());
}

function isWeight(node: Node): node is Node<'weight'> {
	return node.operation === 'weight';
}

function addedUp(a: Map<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
	for (const [name, bytes] of b) a.set(name, (a.get(name) ?? 0) + bytes);
	return a;
}

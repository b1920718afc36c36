import { relative } from 'node:path';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import type { Bits } from '../../engine/graph/weightUse.ts';
import { adapterTensors, type LoadedDecoder } from '../models/loadDecoder.ts';
import { withTensors } from '../weights/checkpoint.ts';
import { canQuantise } from '../weights/quantise.ts';
import { quantisedTensors } from '../weights/quantisedCache.ts';
import type { TensorEntry } from '../weights/safetensors.ts';
import { targetGraph } from './pathGraphs.ts';

/**
 * Returns the decoder with its matrices of products quantised, kept in `file`; embeddings, norms, adapters and matrices
 * whose rows are no multiple of 64 stay as they are. Throws what `quantisedTensors` throws.
 */
export function quantisedDecoder(loaded: LoadedDecoder, bits: Bits, file: string): LoadedDecoder {
	const matrices = productMatrices(loaded);
	const added = quantisedTensors(matrices, bits, file);
	const checkpoint = withTensors(loaded.checkpoint, added);
	const place = (name: string) => {
		const { file: own, offset } = checkpoint.tensors.get(name) as TensorEntry;
		return { location: relative(checkpoint.rootFolder, own), offset };
	};
	return { ...loaded, checkpoint, place, quantised: new Map(matrices.map(({ name }) => [name, bits])) };
}

function productMatrices({ decoder, checkpoint, adapter }: LoadedDecoder): readonly TensorEntry[] {
	const ofAdapter = new Set(adapter === null ? [] : adapterTensors(adapter).map(({ name }) => name));
	const names = new Set<string>();
	for (const { operation, inputs } of topologicalOrder(Object.values(targetGraph(decoder)))) {
		const matrix = inputs[1]?.operation === 'cast' ? inputs[1].inputs[0] : inputs[1];
		if (operation !== 'matmul' || matrix?.operation !== 'weight') continue;
		const { name } = (matrix as Node<'weight'>).parameters;
		if (!ofAdapter.has(name) && canQuantise(matrix.shape.map(Number))) names.add(name);
	}
	return [...names].map((name) => checkpoint.tensors.get(name) as TensorEntry);
}

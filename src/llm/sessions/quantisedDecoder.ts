/** Decoders whose matrices of products also lie quantised in a file, which is made where it is not there. */
import { itemAt } from '../../core/present.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { int8Parts } from '../../engine/graph/int8Products.ts';
import { type Bits, blockParts, zeroNumbers } from '../../engine/graph/blockWeights.ts';
import { storedMatrix } from '../../engine/graph/weightUse.ts';
import { adapterTensors, type LoadedDecoder, placeIn } from '../models/loadDecoder.ts';
import { withTensors } from '../weights/checkpoint.ts';
import { blockSize, canQuantise, int8ByOutput, packedZeros, quantise } from '../weights/quantise.ts';
import { keptTensors } from '../weights/quantisedCache.ts';
import { readAsFloat32, type TensorEntry } from '../weights/safetensors.ts';
import type { TensorToWrite } from '../weights/safetensorsWriter.ts';
import { targetGraph } from '../graphs/forwardGraphs.ts';

/**
 * Returns the decoder with its matrices of products quantised in blocks; embeddings, norms, adapters and matrices whose
 * rows are no multiple of 64 stay as they are. Throws what `keptTensors` throws.
 */
export function quantisedDecoder(loaded: LoadedDecoder, bits: Bits, file: string): LoadedDecoder {
	const matrices = productMatrices(loaded).filter(({ entry }) => canQuantise(entry.shape));
	const form = { bits, size: blockSize, hasOffsets: false, servesLookups: false, rounds: true } as const;
	const added = keptTensors(file, () =>
		Object.assign(zerosFor(matrices, bits), ...matrices.map(({ entry }) => inBlocks(entry, bits))),
	);
	return { ...withPlaced(loaded, added), quantised: new Map(matrices.map(({ entry }) => [entry.name, form])) };
}

function zerosFor(matrices: readonly ProductMatrix[], bits: Bits): Record<string, TensorToWrite> {
	const most = Math.max(0, ...matrices.map(({ inputs, outputs }) => (inputs * outputs) / blockSize));
	const data = packedZeros(bits, most);
	return { [zeroNumbers(bits)]: { dtype: 'U8', shape: [data.length], data } };
}

function inBlocks(entry: TensorEntry, bits: Bits): Record<string, TensorToWrite> {
	const { numbers, scales } = quantise(readAsFloat32(entry), bits);
	const names = blockParts(entry.name);
	return {
		[names.numbers]: { dtype: 'U8', shape: [numbers.length], data: numbers },
		[names.scales]: { dtype: 'F32', shape: [scales.length], data: scales },
	};
}

/** A decoder with the names of the matrices that also lie as int8. */
export interface Int8Decoder {
	readonly loaded: LoadedDecoder;
	readonly matrices: ReadonlySet<string>;
}

/**
 * Returns the decoder with its matrices of products also as int8, but for adapters and the head: it runs at few
 * places, and its errors go straight into the labels. Throws what `keptTensors` throws.
 */
export function int8Decoder(loaded: LoadedDecoder, file: string): Int8Decoder {
	const matrices = productMatrices(loaded).filter(({ outputs }) => outputs !== loaded.decoder.sizes.vocabulary);
	const added = keptTensors(file, () => Object.assign({}, ...matrices.map(byOutput)));
	return { loaded: withPlaced(loaded, added), matrices: new Set(matrices.map(({ entry }) => entry.name)) };
}

function byOutput({ entry, ...sizes }: ProductMatrix): Record<string, TensorToWrite> {
	const { numbers, scales } = int8ByOutput(readAsFloat32(entry), sizes);
	const names = int8Parts(entry.name);
	return {
		[names.numbers]: { dtype: 'U8', shape: [sizes.inputs, sizes.outputs], data: numbers },
		[names.scales]: { dtype: 'F32', shape: [sizes.outputs], data: scales },
	};
}

function withPlaced(loaded: LoadedDecoder, added: readonly TensorEntry[]): LoadedDecoder {
	const checkpoint = withTensors(loaded.checkpoint, added);
	return { ...loaded, checkpoint, place: placeIn(checkpoint) };
}

/** A matrix of the checkpoint that rows are multiplied by. */
interface ProductMatrix {
	readonly entry: TensorEntry;
	readonly inputs: number;
	readonly outputs: number;
	/** Stored [out, in], as most are. */
	readonly outputsFirst: boolean;
}

function productMatrices({ decoder, checkpoint, adapter }: LoadedDecoder): readonly ProductMatrix[] {
	const ofAdapter = new Set(adapter === null ? [] : adapterTensors(adapter).map(({ name }) => name));
	const found = new Map<string, ProductMatrix>();
	for (const node of topologicalOrder(Object.values(targetGraph(decoder)))) {
		const matrix = node.operation === 'matmul' && node.inputs[1] ? storedMatrix(node.inputs[1]) : undefined;
		if (matrix === undefined || ofAdapter.has(matrix.parameters.name)) continue;
		const entry = checkpoint.tensors.get(matrix.parameters.name) as TensorEntry;
		const outputsFirst = (node as Node<'matmul'>).parameters.transposeB;
		const shape = outputsFirst ? entry.shape : entry.shape.toReversed();
		const [outputs, inputs] = [itemAt(shape, 0), itemAt(shape, 1)];
		found.set(entry.name, { entry, inputs, outputs, outputsFirst });
	}
	return [...found.values()];
}

/** Writes `.safetensors` files: deterministic bytes, 8-byte aligned, and either complete or not there at all. */

import { writeWholeSync } from '../../files/atomicWrite.ts';
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import { type Dtype, elementCount, type TensorData, tensorArrays } from './safetensors.ts';

/**
 * A tensor to write; `data` is the array that `tensorArrays` names for the dtype (bits for F16 and BF16), or a function that
 * makes it when its turn has come, so that not all need to be in memory.
 */
export interface TensorToWrite {
	readonly dtype: Dtype;
	readonly shape: readonly number[];
	readonly data: TensorData | (() => TensorData);
}

type NamedTensor = readonly [name: string, tensor: TensorToWrite];

/**
 * Writes a file by way of a temporary one in the same folder, which is flushed and renamed, so that a crash leaves the
 * old file or the new one. Equal tensors and metadata give equal bytes, whatever their order in the records.
 * Throws `UserError` when the folder cannot be written, `InternalError` when data and shape disagree.
 */
export function writeSafetensors(
	file: string,
	tensors: Readonly<Record<string, TensorToWrite>>,
	metadata: Readonly<Record<string, string>> = {},
): void {
	const ordered = Object.entries(tensors).sort(byAlignmentThenName);
	for (const [name, tensor] of ordered) {
		if (name === '__metadata__') throw new InternalError('a tensor cannot be named "__metadata__"');
		if (typeof tensor.data !== 'function') checked(name, tensor);
	}
	try {
		writeWholeSync(file, chunksOf(ordered, metadata));
	} catch (error) {
		if (error instanceof InternalError || error instanceof UserError) throw error;
		throw new UserError(
			`${file}: cannot be written (${messageOf(error)}). Check the folder, its permissions and free space.`,
		);
	}
}

/** Wide types first, as the reference implementation does: every tensor is then aligned to its own element size. */
function byAlignmentThenName([nameA, a]: NamedTensor, [nameB, b]: NamedTensor): number {
	return elementSize(b) - elementSize(a) || compare(nameA, nameB);
}

function elementSize({ dtype }: TensorToWrite): number {
	return tensorArrays[dtype].BYTES_PER_ELEMENT;
}

/** Yields the file piece by piece. */
function* chunksOf(
	ordered: readonly NamedTensor[],
	metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array, void> {
	yield headerBytes(ordered, metadata);
	for (const [name, tensor] of ordered) yield bytesOf(checked(name, tensor));
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns a tensor's data, made where they have to be. */
function checked(name: string, { dtype, shape, data: given }: TensorToWrite): TensorData {
	const data = typeof given === 'function' ? given() : given;
	if (!(data instanceof tensorArrays[dtype])) {
		throw new InternalError(`tensor "${name}" of dtype ${dtype} was given as ${data.constructor.name}`);
	}
	if (data.length !== elementCount(shape)) {
		throw new InternalError(`tensor "${name}" has ${data.length} numbers for shape [${shape.join(', ')}]`);
	}
	return data;
}

/** Returns the length prefix and the header, padded with spaces to a multiple of eight bytes. */
function headerBytes(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
	const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => compare(a, b)));
	const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', sortedMetadata]] : [];
	let position = 0;
	for (const [name, tensor] of tensors) {
		const { dtype, shape } = tensor;
		const end = position + elementSize(tensor) * elementCount(shape);
		entries.push([name, { dtype, shape, data_offsets: [position, end] }]);
		position = end;
	}
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
	const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
	new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
	padded.set(json, 8);
	return padded;
}

function bytesOf(data: TensorData): Uint8Array {
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

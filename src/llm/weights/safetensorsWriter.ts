/** Writes `.safetensors` files: deterministic bytes, 8-byte aligned, and either complete or not there at all. */

import { writeWholeSync } from '../../files/atomicWrite.ts';
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import { type Dtype, elementCount, type TensorData, tensorArrays } from './safetensors.ts';

/** A tensor to write; `data` is the array that `tensorArrays` names for the dtype (bits for F16 and BF16). */
export interface TensorToWrite {
	readonly dtype: Dtype;
	readonly shape: readonly number[];
	readonly data: TensorData;
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
	for (const [name, tensor] of ordered) checkTensor(name, tensor);
	const chunks = [headerBytes(ordered, metadata), ...ordered.map(([, { data }]) => bytesOf(data))];
	try {
		writeWholeSync(file, chunks);
	} catch (error) {
		throw new UserError(
			`${file}: cannot be written (${messageOf(error)}). Check the folder, its permissions and free space.`,
		);
	}
}

/** Wide types first, as the reference implementation does: every tensor is then aligned to its own element size. */
function byAlignmentThenName([nameA, a]: NamedTensor, [nameB, b]: NamedTensor): number {
	return b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || compare(nameA, nameB);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}

function checkTensor(name: string, { dtype, shape, data }: TensorToWrite): void {
	if (name === '__metadata__') throw new InternalError('a tensor cannot be named "__metadata__"');
	if (!(data instanceof tensorArrays[dtype])) {
		throw new InternalError(`tensor "${name}" of dtype ${dtype} was given as ${data.constructor.name}`);
	}
	if (data.length !== elementCount(shape)) {
		throw new InternalError(`tensor "${name}" has ${data.length} numbers for shape [${shape.join(', ')}]`);
	}
}

/** Returns the length prefix and the header, padded with spaces to a multiple of eight bytes. */
function headerBytes(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
	const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => compare(a, b)));
	const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', sortedMetadata]] : [];
	let position = 0;
	for (const [name, { dtype, shape, data }] of tensors) {
		entries.push([name, { dtype, shape, data_offsets: [position, position + data.byteLength] }]);
		position += data.byteLength;
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

/**
 * Reads `.safetensors` files: eight bytes with the header's length, a JSON header, then the tensors' bytes, gapless,
 * little-endian. The header is checked in full before any tensor is read or mapped.
 * Source: https://huggingface.co/docs/safetensors (format) and its Rust reference implementation (checks).
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { messageOf, shown, UserError } from '../../core/errors.ts';
import { float32FromBfloat16, float32FromFloat16 } from './floatConversion.ts';
import { type BlockTypeName, isBlockType } from './gguf/blockTypes.ts';
import { decodeBlocks } from './gguf/decode.ts';
import { duplicateKey } from './jsonKeys.ts';
import { type StoredChange, undone } from './storedChange.ts';

/** The number types we read, with the array that holds each; F16 and BF16 are kept as bits. */
export const tensorArrays = {
	F64: Float64Array,
	F32: Float32Array,
	F16: Uint16Array,
	BF16: Uint16Array,
	I64: BigInt64Array,
	I32: Int32Array,
	I16: Int16Array,
	I8: Int8Array,
	U64: BigUint64Array,
	U32: Uint32Array,
	U16: Uint16Array,
	U8: Uint8Array,
	BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof tensorArrays;
export type TensorData = InstanceType<(typeof tensorArrays)[Dtype]>;

/** Where a tensor lies: `offset` is counted from the start of the file, `file` is the path the header was read from. */
export interface TensorEntry {
	readonly file: string;
	readonly name: string;
	/** Quantised blocks, in GGUF files, by the name of their type. */
	readonly dtype: Dtype | BlockTypeName;
	readonly shape: readonly number[];
	readonly offset: number;
	readonly byteLength: number;
	/** How the stored numbers differ from those of the Hugging Face layout; not at all where left out. */
	readonly change?: StoredChange;
}

/** A tensor of a safetensors file, whose numbers stand for themselves. */
export interface SafetensorsEntry extends TensorEntry {
	readonly dtype: Dtype;
}

/** A file's tensors in the order of their bytes, and its free-form metadata. */
export interface SafetensorsHeader {
	readonly file: string;
	readonly tensors: readonly SafetensorsEntry[];
	readonly metadata: Readonly<Record<string, string>>;
}

/** The reference implementation's limit. */
const largestHeader = 100_000_000;
/** How a file begins that Git LFS left in place of the weights. */
const largeFilePointer = 'version ';
/** `readSync` takes at most 2^31 - 1 bytes. */
const largestRead = 2 ** 30;
/** Large tensors are compared in pieces, in bytes. */
const comparedAtOnce = 2 ** 24;

/** Returns the checked header of a file. Throws `UserError` for a file that is missing, corrupt or truncated. */
export function readSafetensorsHeader(file: string): SafetensorsHeader {
	return withFile(file, (descriptor) => {
		const fileLength = fstatSync(descriptor).size;
		const headerLength = readHeaderLength(file, descriptor, fileLength);
		const header = parseHeader(file, readBytes(file, descriptor, 8, new Uint8Array(headerLength)));
		const start = 8 + headerLength;
		const tensors = Object.entries(header)
			.filter(([name]) => name !== '__metadata__')
			.map(([name, value]) => tensorEntry(file, name, value, start))
			.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
		checkLayout(file, tensors, start, fileLength);
		return { file, tensors, metadata: metadataOf(file, header['__metadata__']) };
	});
}

/**
 * Returns a tensor's numbers in the file's own type, those of blocks as float32. Throws `UserError` when the file has
 * become unreadable or shorter.
 */
export function readTensor(entry: TensorEntry): TensorData {
	const bytes = readBytesOf(entry);
	return isBlockType(entry.dtype) ? decodeBlocks(entry.dtype, bytes) : new tensorArrays[entry.dtype](bytes.buffer);
}

/** Returns a tensor's bytes. Throws as `readTensor`. */
export function readBytesOf({ file, offset, byteLength }: TensorEntry): Uint8Array<ArrayBuffer> {
	return withFile(file, (descriptor) => readBytes(file, descriptor, offset, new Uint8Array(byteLength)));
}

/** Returns whether two tensors of one type and shape hold the same bytes. Throws as `readTensor`. */
export function isSameTensor(a: TensorEntry, b: TensorEntry): boolean {
	if (a.dtype !== b.dtype || a.byteLength !== b.byteLength) return false;
	if (String(a.shape) !== String(b.shape) || JSON.stringify(a.change) !== JSON.stringify(b.change)) return false;
	const pieceOf = ({ file }: TensorEntry, position: number, size: number): Uint8Array =>
		withFile(file, (descriptor) => readBytes(file, descriptor, position, new Uint8Array(size)));
	for (let done = 0; done < a.byteLength; done += comparedAtOnce) {
		const size = Math.min(comparedAtOnce, a.byteLength - done);
		if (Buffer.compare(pieceOf(a, a.offset + done, size), pieceOf(b, b.offset + done, size)) !== 0) return false;
	}
	return true;
}

/**
 * Returns a tensor of floating-point numbers as float32 (F64 is rounded), as the Hugging Face layout has it. Throws
 * `UserError` for other types.
 */
export function readAsFloat32(entry: TensorEntry): Float32Array<ArrayBuffer> {
	const values = storedFloats(entry);
	return entry.change === undefined ? values : undone(values, entry.shape, entry.change);
}

function storedFloats(entry: TensorEntry): Float32Array<ArrayBuffer> {
	const data = readTensor(entry);
	if (data instanceof Float32Array) return data;
	if (data instanceof Float64Array) return Float32Array.from(data);
	if (entry.dtype === 'BF16' && data instanceof Uint16Array) return float32FromBfloat16(data);
	if (entry.dtype === 'F16' && data instanceof Uint16Array) return float32FromFloat16(data);
	throw new UserError(
		`${entry.file}: tensor "${entry.name}" is ${entry.dtype}, but floating-point numbers are needed (F32, F16, BF16 or F64).`,
	);
}

/** Returns the number of elements of a shape; a scalar's shape is []. */
export function elementCount(shape: readonly number[]): number {
	return shape.reduce((product, size) => product * size, 1);
}

function withFile<T>(file: string, use: (descriptor: number) => T): T {
	const descriptor = openForReading(file);
	try {
		return use(descriptor);
	} finally {
		closeSync(descriptor);
	}
}

function openForReading(file: string): number {
	try {
		if (!statSync(file).isFile()) throw new UserError(`${file}: is not a file.`);
		return openSync(file, 'r');
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(`${file}: cannot be opened (${messageOf(error)}). Check the path and its permissions.`);
	}
}

/** Returns `target`, filled with the bytes from `position` on. */
function readBytes(
	file: string,
	descriptor: number,
	position: number,
	target: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
	for (let done = 0; done < target.length; ) {
		const wanted = Math.min(target.length - done, largestRead);
		const count = readSync(descriptor, target, done, wanted, position + done);
		if (count === 0) throw corrupt(file, `ends at byte ${position + done}, before byte ${position + target.length}`);
		done += count;
	}
	return target;
}

function readHeaderLength(file: string, descriptor: number, fileLength: number): number {
	if (fileLength < 8) throw corrupt(file, `has ${fileLength} bytes; a safetensors file has at least 8`);
	const prefix = readBytes(file, descriptor, 0, new Uint8Array(8));
	const length = new DataView(prefix.buffer).getBigUint64(0, true);
	if (Buffer.from(prefix).toString('latin1') === largeFilePointer) throw pointerOnly(file);
	if (length > BigInt(fileLength - 8)) {
		throw corrupt(file, `announces a header of ${length} bytes, but only ${fileLength - 8} follow`);
	}
	if (length > largestHeader)
		throw corrupt(file, `announces a header of ${length} bytes; the limit is ${largestHeader}`);
	return Number(length);
}

function parseHeader(file: string, bytes: Uint8Array): Record<string, unknown> {
	let text: string;
	let value: unknown;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		value = JSON.parse(text);
	} catch (error) {
		throw corrupt(file, `has a header that is not JSON (${messageOf(error)})`);
	}
	if (!isRecord(value)) throw corrupt(file, `has a header that is ${shown(value)}, not a JSON object`);
	const duplicate = duplicateKey(text);
	if (duplicate !== undefined) throw corrupt(file, `has two header entries named ${shown(duplicate)}`);
	return value;
}

/** Returns the entry of one tensor; `start` is where the tensors' bytes begin in the file. */
function tensorEntry(file: string, name: string, value: unknown, start: number): SafetensorsEntry {
	const where = `has a tensor ${shown(name)}`;
	if (!isRecord(value)) throw corrupt(file, `${where} whose entry is ${shown(value)}, not an object`);
	const { dtype, shape, data_offsets: offsets } = value;
	if (!isDtype(dtype)) {
		throw corrupt(file, `${where} of unknown dtype ${shown(dtype)} (known: ${Object.keys(tensorArrays).join(', ')})`);
	}
	if (!isSizes(shape)) throw corrupt(file, `${where} whose shape is ${shown(shape)}, not a list of sizes`);
	if (!isSizes(offsets) || offsets.length !== 2) {
		throw corrupt(file, `${where} whose data_offsets are ${shown(offsets)}, not [begin, end]`);
	}
	const [begin, end] = offsets as readonly [number, number];
	const byteLength = elementCount(shape) * tensorArrays[dtype].BYTES_PER_ELEMENT;
	if (end - begin !== byteLength) {
		throw corrupt(
			file,
			`${where} with ${end - begin} bytes (${begin} to ${end}), but ${dtype} of shape ${shown(shape)} takes ${byteLength}`,
		);
	}
	return { file, name, dtype, shape, offset: start + begin, byteLength };
}

/** Checks that the tensors, in order, fill the bytes from `start` to the end of the file without gap or overlap. */
function checkLayout(file: string, tensors: readonly TensorEntry[], start: number, fileLength: number): void {
	let position = start;
	for (const { name, offset, byteLength } of tensors) {
		if (offset < position) throw corrupt(file, `has a tensor ${shown(name)} that overlaps the tensor before it`);
		if (offset > position) throw corrupt(file, `has a gap of ${offset - position} bytes before tensor ${shown(name)}`);
		position = offset + byteLength;
		if (position > fileLength) {
			throw corrupt(
				file,
				`is truncated: tensor ${shown(name)} ends at byte ${position}, the file at byte ${fileLength}`,
			);
		}
	}
	if (position < fileLength)
		throw corrupt(file, `has ${fileLength - position} bytes that belong to no tensor at its end`);
}

function metadataOf(file: string, value: unknown): Record<string, string> {
	if (value === undefined) return {};
	if (isRecord(value) && Object.values(value).every((text) => typeof text === 'string')) {
		return value as Record<string, string>;
	}
	throw corrupt(file, `has "__metadata__" that is not a map from text to text`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
	return typeof value === 'string' && Object.hasOwn(tensorArrays, value);
}

function isSizes(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function pointerOnly(file: string): UserError {
	return new UserError(
		`${file}: is the pointer that Git LFS leaves in place of the weights. Fetch them: git lfs pull in that folder, or ` +
			'rationale pull with the id of the model.',
	);
}

function corrupt(file: string, problem: string): UserError {
	return new UserError(
		`${file}: the file ${problem}. It is damaged or not a safetensors file; copy or download it again.`,
	);
}

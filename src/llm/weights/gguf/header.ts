/**
 * Reads the head of a GGUF file: metadata and the table of tensors, checked in full before any tensor is read or mapped.
 * Source: ggml, docs/gguf.md; its limits are those of ggml's own reader.
 */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { messageOf, shown, UserError } from '../../../core/errors.ts';
import { blockOf, type BlockTypeName, type PlainTypeName, readableTypes, typeOfNumber } from './blockTypes.ts';
import { ByteCursor, damaged } from './byteCursor.ts';
import { type Metadata, readMetadata } from './metadata.ts';

/** A tensor as the file describes it. */
export interface GgufTensor {
	readonly name: string;
	readonly type: BlockTypeName | PlainTypeName;
	/** Outermost axis first, as everywhere else here; the file has it the other way round. */
	readonly shape: readonly number[];
	/** Counted from the start of the file. */
	readonly offset: number;
	readonly byteLength: number;
}

export interface GgufHeader {
	readonly file: string;
	readonly metadata: Metadata;
	/** In the order of their bytes. */
	readonly tensors: readonly GgufTensor[];
	/** Where the tensors' bytes begin: what lies before is this header. */
	readonly dataStart: number;
}

const magic = 'GGUF';
const versions = [2, 3];
const longestName = 64;
const mostAxes = 4;
/** What the shortest entry takes: a key's length, its type, a value; a name's length, axes, a type, an offset. */
const [leastEntry, leastTensor] = [13, 24];
const defaultAlignment = 32;

/** Returns the checked header of a file. Throws `UserError` for a file that is missing, damaged, or of types that are not read. */
export function readGgufHeader(file: string): GgufHeader {
	const descriptor = openForReading(file);
	try {
		return parse(new ByteCursor(file, descriptor, fstatSync(descriptor).size));
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

function parse(cursor: ByteCursor): GgufHeader {
	const { file } = cursor;
	checkBeginning(cursor);
	const tensorCount = counted(cursor, 'tensors', leastTensor);
	const entryCount = counted(cursor, 'entries of metadata', leastEntry);
	const metadata = readMetadata(cursor, entryCount);
	const described = Array.from({ length: tensorCount }, () => readTensorEntry(cursor));
	const alignment = alignmentOf(file, metadata);
	const dataStart = Math.ceil(cursor.position / alignment) * alignment;
	const tensors = described
		.map((tensor) => ({ ...tensor, offset: dataStart + aligned(file, tensor, alignment) }))
		.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
	checkNames(file, tensors);
	checkPlaces(file, tensors, cursor.fileLength);
	return { file, metadata, tensors, dataStart };
}

function checkBeginning(cursor: ByteCursor): void {
	const { file } = cursor;
	const found = cursor.bytes(4, 'its first four bytes').toString('latin1');
	if (found === 'vers') throw pointerOnly(file);
	if (found !== magic) throw damaged(file, `begins with ${shown(found)}, not with "${magic}"`);
	const version = cursor.u32('its version');
	if (versions.includes(version)) return;
	const hint =
		(version & 0xffff) === 0 ? 'its numbers lie in the other byte order' : `read are ${versions.join(' and ')}`;
	throw new UserError(
		`${file}: has version ${version} of GGUF; ${hint}. Convert the model again with a current llama.cpp.`,
	);
}

function pointerOnly(file: string): UserError {
	return new UserError(
		`${file}: is the pointer that Git LFS leaves in place of the file. Fetch it: git lfs pull in that folder.`,
	);
}

/** Returns a count, which what follows in the file has to be long enough for. */
function counted(cursor: ByteCursor, what: string, least: number): number {
	const count = cursor.u64(`the number of ${what}`);
	if (count * least <= cursor.left) return count;
	throw damaged(cursor.file, `announces ${count} ${what}, but only ${cursor.left} bytes follow`);
}

/** Returns a tensor whose offset is still counted from where the tensors begin. */
function readTensorEntry(cursor: ByteCursor): GgufTensor {
	const name = cursor.text('the name of a tensor', longestName);
	const what = `the tensor ${shown(name)}`;
	const axes = cursor.u32(`the number of axes of ${what}`);
	if (axes > mostAxes) throw damaged(cursor.file, `has ${axes} axes for ${what}; at most ${mostAxes} are possible`);
	const sizes = Array.from({ length: axes }, () => cursor.u64(`a size of ${what}`));
	const type = readType(cursor, what);
	const offset = cursor.u64(`the place of ${what}`);
	return { name, type, shape: sizes.toReversed(), offset, byteLength: bytesOf(cursor.file, what, type, sizes) };
}

function readType(cursor: ByteCursor, what: string): GgufTensor['type'] {
	const type = typeOfNumber(cursor.u32(`the type of ${what}`));
	if ('name' in type) return type.name;
	throw new UserError(
		`${cursor.file}: ${what} is of type ${type.refused}, which is not read. Possible are ${readableTypes.join(', ')}: ` +
			'take the file of the same model with one of these.',
	);
}

function bytesOf(file: string, what: string, type: GgufTensor['type'], sizes: readonly number[]): number {
	const block = blockOf(type);
	const [row = 1] = sizes;
	const count = sizes.reduce((product, size) => product * size, 1);
	if (count === 0) throw damaged(file, `has the shape ${shown(sizes)} for ${what}, which holds nothing`);
	if (!Number.isSafeInteger(count * block.bytes))
		throw damaged(file, `has the shape ${shown(sizes)} for ${what}, larger than any file`);
	if (row % block.elements !== 0) {
		throw damaged(file, `has rows of ${row} numbers for ${what}, but ${type} comes in blocks of ${block.elements}`);
	}
	return (count / block.elements) * block.bytes;
}

function alignmentOf(file: string, metadata: Metadata): number {
	const alignment = metadata.get('general.alignment') ?? defaultAlignment;
	if (typeof alignment === 'number' && alignment > 0 && alignment <= 2 ** 16 && Number.isInteger(Math.log2(alignment)))
		return alignment;
	throw damaged(file, `has ${shown(String(alignment))} for general.alignment, which is no power of two up to 65536`);
}

function aligned(file: string, { name, offset }: GgufTensor, alignment: number): number {
	if (offset % alignment === 0) return offset;
	throw damaged(file, `has the tensor ${shown(name)} at ${offset}, which is no multiple of ${alignment}`);
}

function checkNames(file: string, tensors: readonly GgufTensor[]): void {
	const names = new Set<string>();
	for (const { name } of tensors) {
		if (names.has(name)) throw damaged(file, `has two tensors named ${shown(name)}`);
		names.add(name);
	}
}

function checkPlaces(file: string, tensors: readonly GgufTensor[], fileLength: number): void {
	let end = 0;
	for (const { name, offset, byteLength } of tensors) {
		if (offset < end) throw damaged(file, `has a tensor ${shown(name)} that overlaps the tensor before it`);
		end = offset + byteLength;
		if (end > fileLength) {
			throw damaged(
				file,
				`is truncated: the tensor ${shown(name)} ends at byte ${end}, the file at byte ${fileLength}`,
			);
		}
	}
}

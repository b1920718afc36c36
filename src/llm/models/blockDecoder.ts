/**
 * Decoders of GGUF files. Their blocks cannot be mapped as they lie: scales stand between numbers. They are written once into
 * a file that can: in the layout of onnxruntime's products, or decoded to float32.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Bits, blockParts, type BlockForm, zeroNumbers } from '../../engine/graph/blockWeights.ts';
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import { fileDigestSync } from '../weights/fileDigest.ts';
import { type BlockTypeName, isBlockType } from '../weights/gguf/blockTypes.ts';
import { packBlocks, type PackedMatrix, packedForm } from '../weights/gguf/packBlocks.ts';
import { packedZeros } from '../weights/quantise.ts';
import {
	elementCount,
	readAsFloat32,
	readBytesOf,
	readSafetensorsHeader,
	type TensorEntry,
} from '../weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensorsWriter.ts';
import { rowOrder } from '../weights/storedChange.ts';
import { withTensors } from '../weights/checkpoint.ts';
import { type LoadedDecoder, remade } from './loadDecoder.ts';

/** Raised when the same file gives other numbers. */
const format = 1;

/** Returns whether a tensor's bytes are its numbers. */
export function isMappable({ dtype, change }: TensorEntry): boolean {
	return !isBlockType(dtype) && change === undefined;
}

/** A matrix that stays in blocks: its rows are those of the file, if in another order. */
interface BlockMatrix extends TensorEntry {
	readonly dtype: BlockTypeName;
	readonly shape: readonly [rows: number, width: number];
}

/** Returns whether a tensor can be used in its blocks. */
export function isBlockMatrix(entry: TensorEntry): entry is BlockMatrix {
	const { dtype, shape, change } = entry;
	if (!isBlockType(dtype) || shape.length !== 2) return false;
	return change === undefined || rowOrder(shape[0] as number, change) !== undefined;
}

/**
 * Returns the decoder with every tensor as numbers that can be mapped: those of blocks decoded to float32, exactly as the
 * format defines them. They are kept in the folder under a name made of their content. Throws `UserError` where that
 * cannot be written.
 */
export function decodedDecoder(loaded: LoadedDecoder, folder: string | undefined): LoadedDecoder {
	return mappable(loaded, folder, 'float32', (entries) => Object.fromEntries(entries.map(decoded)));
}

/**
 * Returns the decoder whose matrices stay in the blocks of the file, nothing rounded; what is no such matrix is decoded.
 * Throws what `decodedDecoder` throws.
 */
export function blockDecoder(loaded: LoadedDecoder, folder: string | undefined): LoadedDecoder {
	const matrices = [...loaded.checkpoint.tensors.values()].filter(isBlockMatrix);
	const ready = mappable(loaded, folder, 'blocks', inBlocks);
	const forms = matrices.map(({ name, dtype }): [string, BlockForm] => [
		name,
		{ ...packedForm(dtype), servesLookups: true, rounds: false },
	]);
	return { ...ready, quantised: new Map(forms) };
}

type Tensors = Readonly<Record<string, TensorToWrite>>;

function mappable(
	loaded: LoadedDecoder,
	folder: string | undefined,
	kind: 'float32' | 'blocks',
	make: (entries: readonly TensorEntry[]) => Tensors,
): LoadedDecoder {
	const stored = [...loaded.checkpoint.tensors.values()].filter((entry) => !isMappable(entry));
	if (stored.length === 0) return loaded;
	if (folder === undefined) throw new InternalError(`${loaded.folder}: no folder was given for decoded weights`);
	const file = join(folder, `${contentName(stored, dirname(folder))}-${kind}-${format}.safetensors`);
	if (!existsSync(file)) write(file, make(stored));
	return remade(loaded, withTensors(loaded.checkpoint, readSafetensorsHeader(realpathSync(file)).tensors));
}

function write(file: string, tensors: Tensors): void {
	try {
		mkdirSync(dirname(file), { recursive: true });
	} catch (error) {
		throw new UserError(`${dirname(file)}: cannot be made to keep decoded weights (${messageOf(error)}).`);
	}
	writeSafetensors(file, tensors);
}

function decoded(entry: TensorEntry): [string, TensorToWrite] {
	return [entry.name, { dtype: 'F32', shape: entry.shape, data: () => readAsFloat32(entry) }];
}

function inBlocks(entries: readonly TensorEntry[]): Tensors {
	const matrices = entries.filter(isBlockMatrix);
	const others = entries.filter((entry) => !isBlockMatrix(entry));
	const pack = lastResult(packed);
	return {
		...Object.fromEntries(others.map(decoded)),
		...Object.assign({}, ...matrices.map((entry) => partsOf(entry, pack))),
		...zerosFor(matrices),
	};
}

function packed({ dtype, shape: [rows], change, ...entry }: BlockMatrix): PackedMatrix {
	const order = change && rowOrder(rows, change);
	return packBlocks(dtype, readBytesOf({ dtype, shape: [rows], ...entry }), rows, order);
}

/** All parts are written as bytes: then those of a matrix lie, and are made, one after the other. */
function partsOf(entry: BlockMatrix, pack: (entry: BlockMatrix) => PackedMatrix): Tensors {
	const { bits, size, hasOffsets } = packedForm(entry.dtype);
	const names = blockParts(entry.name);
	const blocks = elementCount(entry.shape) / size;
	const bytes = (count: number, data: (parts: PackedMatrix) => ArrayBuffer): TensorToWrite => ({
		dtype: 'U8',
		shape: [count],
		data: () => new Uint8Array(data(pack(entry))),
	});
	return {
		[names.numbers]: bytes((blocks * size * bits) / 8, ({ numbers }) => numbers.buffer),
		[names.scales]: bytes(4 * blocks, ({ scales }) => scales.buffer),
		...(hasOffsets ? { [names.offsets]: bytes(4 * blocks, ({ offsets }) => offsets.buffer) } : {}),
	};
}

function zerosFor(matrices: readonly BlockMatrix[]): Tensors {
	const most = new Map<Bits, number>();
	for (const { dtype, shape } of matrices) {
		const { bits, size } = packedForm(dtype);
		most.set(bits, Math.max(most.get(bits) ?? 0, elementCount(shape) / size));
	}
	return Object.fromEntries(
		[...most].map(([bits, count]) => {
			const data = packedZeros(bits, count);
			return [zeroNumbers(bits), { dtype: 'U8', shape: [data.length], data }];
		}),
	);
}

/** Returns the function with its last result remembered. */
function lastResult<Argument extends object, Result>(make: (of: Argument) => Result): (of: Argument) => Result {
	let last: { readonly of: Argument; readonly result: Result } | undefined;
	return (of) => {
		if (last?.of !== of) last = { of, result: make(of) };
		return last.result;
	};
}

function contentName(entries: readonly TensorEntry[], cacheFolder: string): string {
	const hash = createHash('sha256');
	for (const { name, dtype, shape, offset, change } of entries) {
		hash.update(JSON.stringify([name, dtype, shape, offset, change]));
	}
	for (const file of new Set(entries.map((entry) => entry.file))) hash.update(fileDigestSync(file, cacheFolder));
	return hash.digest('hex').slice(0, 24);
}

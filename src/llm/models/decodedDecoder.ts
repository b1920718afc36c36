/** Decoders of GGUF files, with the numbers of their blocks in a file that can be mapped, which is made where it is not there. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import { fileDigestSync } from '../weights/fileDigest.ts';
import { isBlockType } from '../weights/gguf/blockTypes.ts';
import { readAsFloat32, readSafetensorsHeader, type TensorEntry } from '../weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensorsWriter.ts';
import { withTensors } from '../weights/checkpoint.ts';
import { type LoadedDecoder, remade } from './loadDecoder.ts';

/** Raised when the same file gives other numbers. */
const format = 1;

/** Returns whether a tensor's bytes are its numbers. */
export function isMappable({ dtype, change }: TensorEntry): boolean {
	return !isBlockType(dtype) && change === undefined;
}

/**
 * Returns the decoder with every tensor as numbers that can be mapped: those of blocks decoded to float32, exactly as the
 * format defines them. They are kept in the folder under a name made of their content. Throws `UserError` where that
 * cannot be written.
 */
export function decodedDecoder(loaded: LoadedDecoder, folder: string | undefined): LoadedDecoder {
	const stored = [...loaded.checkpoint.tensors.values()].filter((entry) => !isMappable(entry));
	if (stored.length === 0) return loaded;
	if (folder === undefined) throw new InternalError(`${loaded.folder}: no folder was given for decoded weights`);
	const file = join(folder, `${contentName(stored, dirname(folder))}-float32-${format}.safetensors`);
	if (!existsSync(file)) write(file, stored);
	return remade(loaded, withTensors(loaded.checkpoint, readSafetensorsHeader(realpathSync(file)).tensors));
}

function write(file: string, entries: readonly TensorEntry[]): void {
	const tensors = entries.map((entry): [string, TensorToWrite] => {
		const data = (): Float32Array<ArrayBuffer> => readAsFloat32(entry);
		return [entry.name, { dtype: 'F32', shape: entry.shape, data }];
	});
	try {
		mkdirSync(dirname(file), { recursive: true });
	} catch (error) {
		throw new UserError(`${dirname(file)}: cannot be made to keep decoded weights (${messageOf(error)}).`);
	}
	writeSafetensors(file, Object.fromEntries(tensors));
}

function contentName(entries: readonly TensorEntry[], cacheFolder: string): string {
	const hash = createHash('sha256');
	for (const { name, dtype, shape, offset, change } of entries) {
		hash.update(JSON.stringify([name, dtype, shape, offset, change]));
	}
	for (const file of new Set(entries.map((entry) => entry.file))) hash.update(fileDigestSync(file, cacheFolder));
	return hash.digest('hex').slice(0, 24);
}

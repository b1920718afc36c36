/** Quantised weights on disk: made once per model, checked by their hash each time they are opened. */
import { createHash } from 'node:crypto';
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	readSync,
	realpathSync,
	writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../core/errors.ts';
import { readSafetensorsHeader, type TensorEntry } from './safetensors.ts';
import { type TensorToWrite, writeSafetensors } from './safetensorsWriter.ts';

/**
 * Returns tensors made from the weights of a model, from the file where it is whole, else made anew and written there with
 * its hash beside it. Throws `UserError` where the folder cannot be written.
 */
export function keptTensors(file: string, make: () => Readonly<Record<string, TensorToWrite>>): readonly TensorEntry[] {
	if (!isWhole(file)) write(file, make());
	return readSafetensorsHeader(realpathSync(file)).tensors;
}

const hashFile = (file: string): string => `${file}.sha256`;

function isWhole(file: string): boolean {
	if (!existsSync(file) || !existsSync(hashFile(file))) return false;
	return readFileSync(hashFile(file), 'utf8').trim() === hashOf(file);
}

function write(file: string, tensors: Readonly<Record<string, TensorToWrite>>): void {
	try {
		mkdirSync(dirname(file), { recursive: true });
	} catch (error) {
		throw new UserError(`${dirname(file)}: cannot be made to keep quantised weights (${messageOf(error)}).`);
	}
	writeSafetensors(file, tensors);
	writeFileSync(hashFile(file), `${hashOf(file)}\n`);
}

/** Read in pieces, in bytes. */
const pieceBytes = 2 ** 24;

function hashOf(file: string): string {
	const hash = createHash('sha256');
	const descriptor = openSync(file, 'r');
	try {
		const piece = new Uint8Array(pieceBytes);
		for (let count = readSync(descriptor, piece); count > 0; count = readSync(descriptor, piece)) {
			hash.update(piece.subarray(0, count));
		}
	} finally {
		closeSync(descriptor);
	}
	return hash.digest('hex');
}

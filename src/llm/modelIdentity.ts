import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDecoder } from './models/loadDecoder.ts';
import type { TensorEntry } from './weights/safetensors.ts';

const smallFiles = [
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'chat_template.jinja',
];
/** Read from the start of each tensor, in bytes: enough to tell checkpoints apart without reading gigabytes. */
const sampleBytes = 4096;

/** Returns a hash of the small files of a model folder, or the beginnings of GGUF files, and of a sample of every weight, those of its adapter included. */
export function modelIdentity({ checkpoint, adapter }: LoadedDecoder): string {
	const hash = createHash('sha256');
	for (const name of smallFiles) {
		const file = join(checkpoint.folder, name);
		if (existsSync(file)) hash.update(name).update(readFileSync(file));
	}
	for (const { file, byteLength } of checkpoint.heads ?? []) hash.update(readAt(file, 0, byteLength));
	for (const [name, entry] of [...checkpoint.tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
		hash.update(JSON.stringify([name, entry.dtype, entry.shape])).update(tensorSample(entry));
	}
	for (const [name, { scaling }] of adapter?.changes ?? []) hash.update(JSON.stringify([name, scaling]));
	return hash.digest('hex').slice(0, 16);
}

/** Returns the first bytes of a tensor. */
export function tensorSample({ file, offset, byteLength }: TensorEntry): Uint8Array {
	return readAt(file, offset, Math.min(byteLength, sampleBytes));
}

function readAt(file: string, offset: number, length: number): Uint8Array {
	const descriptor = openSync(file, 'r');
	try {
		const bytes = new Uint8Array(length);
		readSync(descriptor, bytes, 0, length, offset);
		return bytes;
	} finally {
		closeSync(descriptor);
	}
}

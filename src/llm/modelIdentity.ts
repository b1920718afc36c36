import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedDecoder } from './models/loadDecoder.ts';
import { bytesToHash, fileDigest } from './weights/fileDigest.ts';

const smallFiles = [
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'chat_template.jinja',
];

/** Told how many bytes of weights are hashed, of those whose hash is not kept. */
export type OnHashing = (done: number, total: number) => void;

/**
 * Returns a hash of what decides a model's answers: every byte of the small files of its folder and of the files of its
 * weights, those of its adapter included. Hashes of large files are kept in the cache folder; null keeps nothing. Throws what
 * `onHashing` throws, which ends the hashing.
 */
export async function modelIdentity(
	{ checkpoint, adapter }: LoadedDecoder,
	cacheFolder: string | null,
	onHashing: OnHashing = () => undefined,
): Promise<string> {
	const hash = createHash('sha256');
	for (const name of smallFiles) {
		const file = join(checkpoint.folder, name);
		if (existsSync(file)) hash.update(name).update(readFileSync(file));
	}
	const tensors = [...checkpoint.tensors].toSorted(([a], [b]) => (a < b ? -1 : 1));
	for (const [name, { dtype, shape, offset }] of tensors) hash.update(JSON.stringify([name, dtype, shape, offset]));
	const files = [...(checkpoint.heads ?? []), ...tensors.map(([, entry]) => entry)].map(({ file }) => file);
	for (const digest of await digestsOf([...new Set(files)], cacheFolder, onHashing)) hash.update(digest);
	for (const [name, { scaling }] of adapter?.changes ?? []) hash.update(JSON.stringify([name, scaling]));
	return hash.digest('hex').slice(0, 16);
}

async function digestsOf(
	files: readonly string[],
	cacheFolder: string | null,
	onHashing: OnHashing,
): Promise<string[]> {
	const total = files.reduce((sum, file) => sum + bytesToHash(file, cacheFolder), 0);
	let done = 0;
	const onRead = (bytes: number): void => onHashing((done += bytes), total);
	const digests: string[] = [];
	for (const file of files) digests.push(await fileDigest(file, cacheFolder, onRead));
	return digests;
}

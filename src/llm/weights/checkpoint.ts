/** Opens the weights of a model folder: one `model.safetensors`, or shards with an index. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { shown, UserError } from '../../core/errors.ts';
import { isThere, readJsonFile } from './jsonFile.ts';
import { readSafetensorsHeader, type TensorEntry } from './safetensors.ts';

export interface Checkpoint {
	/** The folder as it was given. */
	readonly folder: string;
	/** Narrowest folder that holds every weight file once links are resolved; onnxruntime maps nothing from outside it. */
	readonly rootFolder: string;
	/** All tensors by name; `file` is a real path (no links) under `rootFolder`. */
	readonly tensors: ReadonlyMap<string, TensorEntry>;
	/** Files whose beginnings hold what a folder has in files of their own: config and tokenizer. None where left out. */
	readonly heads?: readonly { readonly file: string; readonly byteLength: number }[];
}

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Returns the tensors of a model folder; like transformers, `model.safetensors` wins where an index lies beside it.
 * Throws `UserError` when there are no weights, a file is damaged, or the index and its shards disagree.
 */
export function openCheckpoint(folder: string): Checkpoint {
	const single = join(folder, singleFile);
	if (isThere(single)) return checkpointOf(folder, readShard(single));
	const index = join(folder, indexFile);
	if (isThere(index)) return checkpointOf(folder, readShards(folder, index));
	throw new UserError(
		`${folder}: there are no weights here. Needed is ${singleFile}, or ${indexFile} with its shards. ${hintFor(folder)}`,
	);
}

/** Returns what to do with a folder that holds weights of another format. */
function hintFor(folder: string): string {
	const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.toLowerCase().endsWith('.gguf')) : [];
	const [first] = files.sort();
	return first === undefined
		? 'Weights of other formats (.bin, .pth) must be converted to safetensors first.'
		: `It holds ${files.length === 1 ? 'a GGUF file' : `${files.length} GGUF files`}: name one itself, ${join(folder, first)}.`;
}

/** Returns the checkpoint of some tensors. */
export function checkpointOf(folder: string, entries: readonly TensorEntry[]): Checkpoint {
	const folders = [...new Set(entries.map((entry) => dirname(entry.file)))];
	const rootFolder = folders.length > 0 ? folders.reduce(commonFolder) : realpathSync(folder);
	return { folder, rootFolder, tensors: new Map(entries.map((entry) => [entry.name, entry])) };
}

/** Returns the checkpoint with further tensors, which may lie in other folders. */
export function withTensors(checkpoint: Checkpoint, added: readonly TensorEntry[]): Checkpoint {
	const { rootFolder, tensors } = checkpoint;
	return {
		...checkpoint,
		rootFolder: added.reduce((root, { file }) => commonFolder(root, dirname(file)), rootFolder),
		tensors: new Map([...tensors, ...added.map((entry): [string, TensorEntry] => [entry.name, entry])]),
	};
}

function readShard(file: string): readonly TensorEntry[] {
	return readSafetensorsHeader(realpathSync(file)).tensors;
}

function readShards(folder: string, index: string): readonly TensorEntry[] {
	const shardOf = readIndex(index);
	const shards = [...new Set(shardOf.values())].sort();
	const missing = shards.filter((shard) => !isThere(join(folder, shard)));
	if (missing.length > 0)
		throw new UserError(`${index}: missing shards in ${folder}: ${listed(missing)}. Download them again.`);
	const stored = shards.map((shard) => ({ shard, entries: readShard(join(folder, shard)) }));
	const leftOver = stored.flatMap(({ shard, entries }) =>
		entries.filter(({ name }) => shardOf.get(name) !== shard).map(({ name }) => `${name} in ${shard}`),
	);
	if (leftOver.length > 0)
		throw new UserError(`${index}: tensors that the index does not place there: ${listed(leftOver)}.`);
	const entries = stored.flatMap(({ entries: shardEntries }) => shardEntries);
	const names = new Set(entries.map(({ name }) => name));
	const absent = [...shardOf].filter(([name]) => !names.has(name)).map(([name, shard]) => `${name} in ${shard}`);
	if (absent.length > 0) throw new UserError(`${index}: tensors that the shards do not hold: ${listed(absent)}.`);
	return entries;
}

/** Returns the shard's file name by tensor name. */
function readIndex(index: string): ReadonlyMap<string, string> {
	const shardOf = Object.entries(readJsonFile(index, indexSchema).weight_map);
	const outside = shardOf.find(([, shard]) => !isFileName(shard));
	if (outside !== undefined)
		throw new UserError(`${index}: ${shown(outside[1])} is not the name of a file beside the index.`);
	return new Map(shardOf);
}

function isFileName(text: string): boolean {
	return basename(text) === text && !['', '.', '..'].includes(text) && !text.includes('\0');
}

function commonFolder(a: string, b: string): string {
	let common = a;
	while (relative(common, b) === '..' || relative(common, b).startsWith(`..${sep}`)) common = dirname(common);
	return common;
}

/** Returns the first five names and how many more there are. */
function listed(names: readonly string[]): string {
	const rest = names.length - 5;
	return names.slice(0, 5).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

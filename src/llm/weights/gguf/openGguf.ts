/** Opens a GGUF file, or all of its shards by the name of one. Metadata lie in the first. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { type GgufHeader, type GgufTensor, readGgufHeader } from './header.ts';
import { type MetadataReader, metadataReader } from './metadata.ts';

/** A tensor with the shard it lies in; `file` is a real path (no links). */
export interface PlacedTensor extends GgufTensor {
	readonly file: string;
}

export interface GgufFile {
	/** As it was given. */
	readonly file: string;
	readonly metadata: MetadataReader;
	readonly tensors: ReadonlyMap<string, PlacedTensor>;
	/** Every shard with the length of what lies before its tensors. */
	readonly heads: readonly { readonly file: string; readonly byteLength: number }[];
}

/** Returns true for a path that is meant as a GGUF file. */
export function isGgufPath(path: string): boolean {
	return path.toLowerCase().endsWith('.gguf');
}

/** Returns the file with those that belong to it. Throws `UserError` where one is missing, damaged, or belongs elsewhere. */
export function openGguf(file: string): GgufFile {
	const first = readGgufHeader(file);
	const headers = [...shardPaths(first)].map((path) => (path === file ? first : readGgufHeader(path)));
	const main = headers[0] as GgufHeader;
	checkShards(file, headers);
	const placed = headers.flatMap(({ file: shard, tensors }) => {
		const path = realpathSync(shard);
		return tensors.map((tensor): PlacedTensor => ({ ...tensor, file: path }));
	});
	const tensors = new Map(placed.map((tensor) => [tensor.name, tensor]));
	if (tensors.size < placed.length)
		throw new UserError(`${file}: two of its shards hold a tensor of the same name. Download them again.`);
	checkCount(file, main, placed.length);
	return {
		file,
		metadata: metadataReader(main.file, main.metadata),
		tensors,
		heads: headers.map(({ file: shard, dataStart }) => ({ file: realpathSync(shard), byteLength: dataStart })),
	};
}

const shardName = /^(?<stem>.*)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf$/iu;

function shardPaths({ file, metadata }: GgufHeader): string[] {
	const count = metadata.get('split.count');
	if (typeof count !== 'number' || count <= 1) return [file];
	const groups = shardName.exec(basename(file))?.groups;
	if (groups === undefined || Number(groups['count']) !== count) {
		throw new UserError(
			`${file}: is one of ${count} shards, whose names end in -00001-of-${String(count).padStart(5, '0')}.gguf and so on. Give the files their names back.`,
		);
	}
	const all = Array.from(
		{ length: count },
		(_, i) => `${groups['stem']}-${String(i + 1).padStart(5, '0')}-of-${groups['count']}.gguf`,
	);
	const paths = all
		.map((name) => join(dirname(file), name))
		.map((path) => (basename(path) === basename(file) ? file : path));
	const missing = paths.filter((path) => !existsSync(path));
	if (missing.length === 0) return paths;
	throw new UserError(
		`${file}: missing shards: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}. Download them again.`,
	);
}

function checkShards(file: string, headers: readonly GgufHeader[]): void {
	if (headers.length === 1) return;
	for (const [i, { file: shard, metadata }] of headers.entries()) {
		const [number, count] = [metadata.get('split.no'), metadata.get('split.count')];
		if (number === i && count === headers.length) continue;
		throw new UserError(
			`${shard}: says that it is shard ${String(number)} of ${String(count)} (counted from 0), but by its name it is shard ${i} of ` +
				`${headers.length} of ${file}. Download the shards again.`,
		);
	}
}

function checkCount(file: string, { metadata }: GgufHeader, found: number): void {
	const count = metadata.get('split.tensors.count');
	if (typeof count !== 'number' || count === found) return;
	throw new UserError(
		`${file}: its shards hold ${found} tensors together, but ${count} belong to the model. Download them again.`,
	);
}

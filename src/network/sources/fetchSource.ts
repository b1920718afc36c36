/** Brings the data of a source into the caches, checked and unpacked. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../files/atomicWrite.ts';
import { lockFolder } from '../../files/folderLock.ts';
import { isArchive, unpack } from '../archive/unpack.ts';
import { link, pull } from '../hub/pull.ts';
import type { HubAccess } from '../hub/repository.ts';
import { sizeOf } from '../receive.ts';
import { fetchAddress, sha256Of } from './fetchAddress.ts';
import {
	type Address,
	type CacheFolders,
	downloadFolder,
	fileName,
	filesFolder,
	MANIFEST,
	type Source,
} from './source.ts';

export interface FetchOptions {
	readonly folders: CacheFolders;
	readonly access: HubAccess;
	/** Told of a file's bytes that are there; `total` is null where the server does not say how many come. */
	readonly onProgress: (file: string, have: number, total: number | null) => void;
}

/** A file as it came. */
export interface FetchedFile {
	/** Its address, or its path in a repository of the hub. */
	readonly from: string;
	readonly size: number;
	readonly hash: string;
	/** Whether the hash was known before the file came; otherwise it is what later downloads must have. */
	readonly isKnown: boolean;
}

export interface Fetched {
	/** Holds the data; archives are unpacked. */
	readonly folder: string;
	readonly files: readonly FetchedFile[];
	/** Bytes that were not there before. */
	readonly fetched: number;
	/** The commit of the hub, null for other sources. */
	readonly commit: string | null;
}

const manifestSchema = z.object({
	files: z.array(z.object({ from: z.string(), size: z.int(), hash: z.string(), isKnown: z.boolean() })),
});

/**
 * Returns the data of a source once it is here. Files that are here already are checked by their hashes and kept.
 * @throws UserError when something cannot be had, or has other bytes than it should.
 */
export async function fetchSource(source: Source, options: FetchOptions): Promise<Fetched> {
	if (source.kind === 'addresses') return await fetchAddresses(source, source.addresses, options);
	const { folders, access, onProgress } = options;
	const pulled = await pull(source.id, {
		cache: folders.hub,
		access,
		onProgress: ({ path, size }, have) => onProgress(path, have, size),
	});
	const files = pulled.files.map(({ path: from, size, hash }): FetchedFile => ({ from, size, hash, isKnown: true }));
	const folder = downloadFolder(source, folders);
	const common = { files, fetched: pulled.fetched, commit: pulled.commit };
	if (folder === undefined || !files.some(({ from }) => isArchive(from))) return { folder: pulled.folder, ...common };
	if (!existsSync(join(folder, MANIFEST))) {
		await layOut(
			folder,
			files.map(({ from }) => ({ name: from, path: join(pulled.folder, from) })),
		);
		await writeManifest(folder, files);
	}
	return { folder: filesFolder(folder), ...common };
}

async function fetchAddresses(source: Source, addresses: readonly Address[], options: FetchOptions): Promise<Fetched> {
	const folder = downloadFolder(source, options.folders) ?? options.folders.downloads;
	await mkdir(folder, { recursive: true });
	const unlock = await lockFolder(folder, 'set RATIONALE_CACHE to another folder');
	try {
		return await fetchInto(folder, addresses, options);
	} finally {
		await unlock();
	}
}

async function fetchInto(folder: string, addresses: readonly Address[], options: FetchOptions): Promise<Fetched> {
	const earlier = await readManifest(folder);
	const files: FetchedFile[] = [];
	let fetched = 0;
	for (const address of addresses) {
		const path = join(folder, 'downloaded', fileName(address.url));
		const before = earlier.find(({ from }) => from === address.url);
		const expected = address.sha256 ?? before?.hash ?? null;
		const isThere = expected !== null && existsSync(path) && (await sha256Of(path)) === expected;
		const onBytes = (have: number, total: number | null): void => options.onProgress(basename(path), have, total);
		const hash = isThere
			? expected
			: await fetchAddress({ url: address.url, target: path, expected, onBytes }, options.access);
		const size = await sizeOf(path);
		if (!isThere) fetched += size;
		files.push({ from: address.url, size, hash, isKnown: address.sha256 !== null });
	}
	if (fetched > 0 || !existsSync(join(folder, MANIFEST))) {
		const names = addresses.map(({ url }) => fileName(url));
		await layOut(
			folder,
			names.map((name) => ({ name, path: join(folder, 'downloaded', name) })),
		);
		await writeManifest(folder, files);
	}
	return { folder: filesFolder(folder), files, fetched, commit: null };
}

interface Downloaded {
	/** Its path among the data. */
	readonly name: string;
	readonly path: string;
}

/**
 * Makes the folder of data: links to plain files, and what archives hold; the contents of one archive lie beside plain
 * files, those of several in folders with their names.
 */
async function layOut(folder: string, files: readonly Downloaded[]): Promise<void> {
	const target = filesFolder(folder);
	const unfinished = `${target}.incomplete`;
	await rm(join(folder, MANIFEST), { force: true });
	for (const old of [target, unfinished]) await rm(old, { recursive: true, force: true });
	await mkdir(unfinished, { recursive: true });
	const archives = files.filter(({ name }) => isArchive(name));
	for (const { name, path } of archives) {
		const own = join(unfinished, name.replace(/\.(tar\.gz|tgz|zip)$/iu, ''));
		await unpack(path, own);
		if (archives.length > 1) continue;
		for (const entry of await readdir(own)) await rename(join(own, entry), join(unfinished, entry));
		await rm(own, { recursive: true });
	}
	for (const { name, path } of files) if (!isArchive(name)) await link(join(unfinished, name), path);
	await rename(unfinished, target);
}

async function readManifest(folder: string): Promise<readonly FetchedFile[]> {
	try {
		return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))).files;
	} catch {
		return [];
	}
}

async function writeManifest(folder: string, files: readonly FetchedFile[]): Promise<void> {
	const file = join(folder, MANIFEST);
	await writeWhole(file, `${JSON.stringify({ files }, null, '\t')}\n`);
}

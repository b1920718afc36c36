/** Brings a model or dataset of the hub into the cache: only the files it needs, only those that are not there yet. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { writeWhole } from '../../files/atomicWrite.ts';
import { lockFolder } from '../../files/folderLock.ts';
import { requireSpace } from '../receive.ts';
import { download } from './download.ts';
import { repositoryFolder, snapshotFolder } from './hubCache.ts';
import type { HubId } from './hubId.ts';
import {
	filesOfDataset,
	filesOfModel,
	type HubAccess,
	type HubCommit,
	type HubFile,
	readRepository,
	shardsOf,
	weightIndex,
} from './repository.ts';

export interface PullOptions {
	/** The cache folder. */
	readonly cache: string;
	readonly access: HubAccess;
	/** Told of a file's bytes that are there. */
	readonly onProgress: (file: HubFile, bytes: number) => void;
}

export interface Pulled {
	readonly commit: string;
	/** Holds the files as links. */
	readonly folder: string;
	readonly files: readonly HubFile[];
	/** Bytes of the files that were not there before. */
	readonly fetched: number;
}

/**
 * Returns the repository once all files that are needed are in the cache.
 * @throws UserError when it cannot be had, or while another process is fetching it into the same cache.
 */
export async function pull(id: HubId, options: PullOptions): Promise<Pulled> {
	const locks = join(options.cache, '.locks', basename(repositoryFolder(options.cache, id)));
	await mkdir(locks, { recursive: true });
	const unlock = await lockFolder(locks, 'set HF_HOME to another folder');
	try {
		return id.kind === 'dataset' ? await pullDataset(id, options) : await pullModel(id, options);
	} finally {
		await unlock();
	}
}

async function pullDataset(id: HubId, options: PullOptions): Promise<Pulled> {
	const found = await readRepository(options.access, id);
	const files = filesOfDataset(id, found);
	const fetched = await fetchAll(id, found, files, options);
	await writeRef(id, found.commit, options.cache);
	return { commit: found.commit, folder: snapshotFolder(options.cache, id, found.commit), files, fetched };
}

async function pullModel(id: HubId, options: PullOptions): Promise<Pulled> {
	const found = await readRepository(options.access, id);
	const first = filesOfModel(id, found);
	const isSharded = first.some(({ path }) => path === weightIndex);
	const small = isSharded ? first : first.filter(({ path }) => !path.endsWith('.safetensors'));
	let fetched = await fetchAll(id, found, small, options);
	const index = join(snapshotFolder(options.cache, id, found.commit), weightIndex);
	const weights = isSharded
		? shardsOf(id, found, await readFile(index, 'utf8'))
		: first.filter(({ path }) => path.endsWith('.safetensors'));
	fetched += await fetchAll(id, found, weights, options);
	await writeRef(id, found.commit, options.cache);
	const folder = snapshotFolder(options.cache, id, found.commit);
	return { commit: found.commit, folder, files: [...small, ...weights], fetched };
}

/** Fetches the files whose blobs are not there and links all of them; returns the bytes of those that were fetched. */
async function fetchAll(
	id: HubId,
	{ commit }: HubCommit,
	files: readonly HubFile[],
	{ cache, access, onProgress }: PullOptions,
): Promise<number> {
	const blobOf = (file: HubFile): string => join(repositoryFolder(cache, id), 'blobs', file.hash);
	const absent = files.filter((file) => !existsSync(blobOf(file)));
	const needed = absent.reduce((sum, { size }) => sum + size, 0);
	await requireSpace(cache, needed, 'HF_HOME');
	for (const file of files) {
		const blob = blobOf(file);
		if (absent.includes(file)) {
			await download(access, { id, commit, file, blob, onBytes: (count) => onProgress(file, count) });
		}
		await link(join(snapshotFolder(cache, id, commit), file.path), blob);
	}
	return needed;
}

/** Makes the link to a file, relative; a copy where the file system has no links. */
export async function link(path: string, blob: string): Promise<void> {
	if (existsSync(path)) return;
	await mkdir(dirname(path), { recursive: true });
	await rm(path, { force: true });
	await symlink(relative(dirname(path), blob), path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'EPERM' || error.code === 'ENOSYS') return copyFile(blob, path);
		throw error;
	});
}

/** Written last: a revision is known once all its files are there. */
async function writeRef(id: HubId, commit: string, cache: string): Promise<void> {
	if (id.revision === commit) return;
	const file = join(repositoryFolder(cache, id), 'refs', id.revision);
	await mkdir(dirname(file), { recursive: true });
	await writeWhole(file, commit);
}

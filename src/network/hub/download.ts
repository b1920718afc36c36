/** One file of the hub into the cache: goes on where an earlier try stopped, and is checked before it gets its name. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { chunksOf } from '../readBody.ts';
import { openForWriting, sizeOf, startOf } from '../receive.ts';
import { HttpError } from '../httpError.ts';
import { type HubId, urlPath } from './hubId.ts';
import { type HubAccess, type HubFile, hubRequest } from './repository.ts';

/** A file to fetch and where it belongs. */
export interface Download {
	readonly id: HubId;
	readonly commit: string;
	readonly file: HubFile;
	/** The blob; until it is whole and checked, its bytes lie beside it in `.incomplete`. */
	readonly blob: string;
	/** Told of the bytes that are there. */
	readonly onBytes: (count: number) => void;
}

/**
 * Fetches the file. Bytes that an earlier try left are kept and only the rest is asked for; where the whole then has
 * another hash, it is fetched once more from the start.
 * @throws UserError when the bytes do not have the hash that the hub names, or cannot be fetched or written.
 */
export async function download(access: HubAccess, task: Download): Promise<void> {
	const partial = `${task.blob}.incomplete`;
	await mkdir(dirname(task.blob), { recursive: true });
	const resumed = (await sizeOf(partial)) > 0;
	if (!(await fetchAndCheck(access, task, partial)) && !(resumed && (await fetchAndCheck(access, task, partial)))) {
		throw new UserError(
			`${task.id.repository}: ${task.file.path} came with other bytes than the hub says (${task.file.algorithm} ` +
				`${task.file.hash}). They were thrown away. Try again; if it happens again, something between here and the hub changes files.`,
		);
	}
	await rename(partial, task.blob);
}

/** Returns whether the file is there in full with the right hash; what is wrong is removed. */
async function fetchAndCheck(access: HubAccess, task: Download, partial: string): Promise<boolean> {
	const { file, id, commit } = task;
	const path = file.path.split('/').map(encodeURIComponent).join('/');
	const url = `${access.endpoint}/${urlPath(id)}/resolve/${commit}/${path}`;
	if ((await sizeOf(partial)) > file.size) await rm(partial);
	while ((await sizeOf(partial)) < file.size || file.size === 0) {
		const done = await fetchRest(access, task, url, partial).catch(async (error: unknown) => {
			// A server that has no such part is asked for the whole.
			if (!(error instanceof HttpError) || (await sizeOf(partial)) === 0) throw error;
			await rm(partial);
			return false;
		});
		if (done) break;
	}
	if ((await sizeOf(partial)) === file.size && (await hashOf(partial, file)) === file.hash) return true;
	await rm(partial, { force: true });
	return false;
}

/**
 * Appends what comes from where the partial file ends. Returns true at the regular end of an answer; false where the
 * connection was cut after some bytes: then it is worth asking for the rest at once.
 */
async function fetchRest(access: HubAccess, task: Download, url: string, partial: string): Promise<boolean> {
	let have = await sizeOf(partial);
	const before = have;
	const headers = have === 0 ? {} : { range: `bytes=${have}-` };
	return await hubRequest(access, task.id, url, { ...headers, 'accept-encoding': 'identity' }, async (response) => {
		const continues = response.status === 206 && startOf(response) === have;
		if (!continues) have = 0;
		const target = await openForWriting(partial, continues);
		try {
			for await (const chunk of chunksOf(response, { timeout: access.retryPolicy.timeout, signal: access.signal })) {
				await target.write(chunk);
				have += chunk.length;
				task.onBytes(have);
				if (have > task.file.size) return true;
			}
			if (have < task.file.size) throw new HttpError('the answer ends too early', null);
			return true;
		} catch (error) {
			if (error instanceof UserError || !(error instanceof HttpError)) throw error;
			if (have > before) return false;
			throw error;
		} finally {
			await target.close();
		}
	});
}

async function hashOf(file: string, { algorithm, size }: HubFile): Promise<string> {
	const hash: Hash = createHash(algorithm === 'git' ? 'sha1' : 'sha256');
	if (algorithm === 'git') hash.update(`blob ${size}\0`);
	for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
	return hash.digest('hex');
}

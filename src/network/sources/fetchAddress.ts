/** One file of the web: goes on where an earlier try stopped, and is checked by its hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { chunksOf } from '../readBody.ts';
import { openForWriting, requireSpace, sizeOf, startOf } from '../receive.ts';
import { HttpError } from '../httpError.ts';
import { request, type RequestOptions } from '../request.ts';

export interface AddressDownload {
	readonly url: string;
	/** Where the file goes; until it is whole and checked, its bytes lie beside it in `.incomplete`. */
	readonly target: string;
	/** SHA-256 that the bytes must have; null where none is known. */
	readonly expected: string | null;
	/** Told of the bytes that are there, and of how many there will be, where the server says so. */
	readonly onBytes: (have: number, total: number | null) => void;
}

/**
 * Fetches the file and returns the SHA-256 of its bytes. What an earlier try left is kept where the server says that the
 * file has not changed since; where the whole then has another hash than expected, it is fetched once more from the start.
 * @throws UserError when it cannot be had, or has other bytes than expected.
 */
export async function fetchAddress(task: AddressDownload, options: RequestOptions): Promise<string> {
	const partial = `${task.target}.incomplete`;
	await mkdir(dirname(task.target), { recursive: true });
	const resumed = (await sizeOf(partial)) > 0;
	let sha256 = await fetchWhole(task, partial, options);
	if (resumed && !isExpected(task, sha256)) {
		await rm(partial);
		sha256 = await fetchWhole(task, partial, options);
	}
	await rm(tagFile(partial), { force: true });
	if (!isExpected(task, sha256)) {
		await rm(partial);
		throw new UserError(
			`${task.url}: came with other bytes than expected (SHA-256 ${sha256}, expected ${task.expected}). They were thrown ` +
				'away. Either its authors changed the file, or something on the way did. To use it all the same, download it ' +
				'yourself and give its "path".',
		);
	}
	await rename(partial, task.target);
	return sha256;
}

/** Returns the SHA-256 of a file. */
export async function sha256Of(file: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
	return hash.digest('hex');
}

function isExpected({ expected }: AddressDownload, sha256: string): boolean {
	return expected === null || sha256 === expected;
}

async function fetchWhole(task: AddressDownload, partial: string, options: RequestOptions): Promise<string> {
	try {
		while (!(await fetchRest(task, partial, options)));
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		// The server has no bytes after those that are there: they are not the beginning of this file.
		if (error.status !== 416 || (await sizeOf(partial)) === 0) throw refusal(task.url, error);
		await rm(partial);
		return await fetchWhole(task, partial, options);
	}
	return await sha256Of(partial);
}

/**
 * Appends what comes from where the partial file ends. Returns true at the end of the file; false where the connection was
 * cut after some bytes: then it is worth asking for the rest at once.
 */
async function fetchRest(task: AddressDownload, partial: string, options: RequestOptions): Promise<boolean> {
	const before = await sizeOf(partial);
	const headers = { 'accept-encoding': 'identity', ...(await rangeHeaders(task, partial, before)) };
	return await request(
		task.url,
		() => ({ headers }),
		async (response) => {
			const continues = response.status === 206 && startOf(response) === before;
			let have = continues ? before : 0;
			const announced = Number(response.headers.get('content-length') ?? Number.NaN);
			const total = Number.isFinite(announced) ? have + announced : null;
			await requireSpace(dirname(partial), (total ?? have) - have, 'RATIONALE_CACHE');
			await rememberTag(partial, response);
			const target = await openForWriting(partial, continues);
			try {
				for await (const chunk of chunksOf(response, {
					timeout: options.retryPolicy.timeout,
					signal: options.signal,
				})) {
					await target.write(chunk);
					have += chunk.length;
					task.onBytes(have, total);
				}
				if (total !== null && have < total) throw new HttpError('the answer ends too early', null);
				return true;
			} catch (error) {
				if (error instanceof HttpError && have > before) return false;
				throw error;
			} finally {
				await target.close();
			}
		},
		options,
	);
}

/** Asks for the rest only where it can be told that it belongs to what is there. */
async function rangeHeaders(
	{ expected }: AddressDownload,
	partial: string,
	have: number,
): Promise<Record<string, string>> {
	if (have === 0) return {};
	const range = { range: `bytes=${have}-` };
	const tag = await readFile(tagFile(partial), 'utf8').catch(() => '');
	if (tag !== '') return { ...range, 'if-range': tag };
	return expected === null ? {} : range;
}

async function rememberTag(partial: string, response: Response): Promise<void> {
	const tag = response.headers.get('etag') ?? '';
	// A weak tag says that two files mean the same, not that their bytes are equal.
	if (tag.startsWith('"')) await writeFile(tagFile(partial), tag);
	else await rm(tagFile(partial), { force: true });
}

function tagFile(partial: string): string {
	return `${partial}.etag`;
}

function refusal(url: string, { status, message }: HttpError): UserError {
	if (status === 404 || status === 410) {
		return new UserError(
			`${url}: there is nothing at this address (status ${status}). Its authors may have moved it: look for it there, ` +
				'download it, and give its "path".',
		);
	}
	const what = status === 429 ? 'the server limits how often it may be asked (status 429)' : message;
	const next = status === null || status === 429 || status >= 500;
	return new UserError(
		`${url}: cannot be fetched: ${what}.${next ? ' Try again later: the same command goes on where it stopped.' : ''}`,
	);
}

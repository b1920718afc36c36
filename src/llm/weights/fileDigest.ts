/** Hashes of whole files, each worked out once and kept beside what tells whether the file has changed. */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { writeWholeSync } from '../../files/atomicWrite.ts';

/** Read at a time, in bytes. */
const partBytes = 4 * 2 ** 20;

/** Smaller files are hashed as fast as a note about them is found. */
const keptFrom = 16 * 2 ** 20;

const keptSchema = z.strictObject({ path: z.string(), state: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) });

/** Told how many bytes were read since the last time. */
export type OnRead = (bytes: number) => void;

/**
 * Returns the SHA-256 of every byte of a file. That of a large file is kept in the folder and believed as long as size,
 * times and inode of the file are the same; null keeps nothing. Other work goes on meanwhile. Throws the system error of a file
 * that cannot be read, and what `onRead` throws.
 */
export async function fileDigest(
	path: string,
	cacheFolder: string | null,
	onRead: OnRead = () => undefined,
): Promise<string> {
	const place = placeOf(path, cacheFolder);
	const kept = keptIn(place);
	if (kept !== null) return kept;
	const hash = createHash('sha256');
	for await (const part of createReadStream(path, { highWaterMark: partBytes }) as AsyncIterable<Buffer>) {
		hash.update(part);
		onRead(part.length);
	}
	return keep(place, hash.digest('hex'));
}

/** Returns the same, keeping all other work of this process waiting. */
export function fileDigestSync(path: string, cacheFolder: string | null): string {
	const place = placeOf(path, cacheFolder);
	return keptIn(place) ?? keep(place, hashOf(path));
}

/** Returns how many bytes would have to be read to know the hash of a file. */
export function bytesToHash(path: string, cacheFolder: string | null): number {
	return keptIn(placeOf(path, cacheFolder)) === null ? statSync(path).size : 0;
}

/** Where the hash of a file is kept, and with which state of the file; `note` is null where it is not. */
interface Place {
	readonly note: string | null;
	readonly path: string;
	readonly state: string;
}

function placeOf(file: string, cacheFolder: string | null): Place {
	const { size, mtimeNs, ctimeNs, ino, dev } = statSync(file, { bigint: true });
	const path = resolve(file);
	const state = [size, mtimeNs, ctimeNs, ino, dev].join(' ');
	if (cacheFolder === null || size < keptFrom) return { note: null, path, state };
	const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
	return { note: join(cacheFolder, 'digests', `${name}.json`), path, state };
}

/** Returns null where the hash is not kept, or not of this state of the file. */
function keptIn({ note, path, state }: Place): string | null {
	const kept = note === null ? null : readNote(note);
	return kept !== null && kept.path === path && kept.state === state ? kept.sha256 : null;
}

function hashOf(path: string): string {
	const hash = createHash('sha256');
	const part = Buffer.alloc(partBytes);
	const descriptor = openSync(path, 'r');
	try {
		for (;;) {
			const length = readSync(descriptor, part, 0, partBytes, null);
			if (length === 0) return hash.digest('hex');
			hash.update(part.subarray(0, length));
		}
	} finally {
		closeSync(descriptor);
	}
}

/** Returns null for a note that is not there or is none: the file is hashed again then. */
function readNote(note: string): z.output<typeof keptSchema> | null {
	try {
		return keptSchema.parse(JSON.parse(readFileSync(note, 'utf8')));
	} catch {
		return null;
	}
}

/** Returns the hash. A cache that cannot be written costs time and nothing else. */
function keep({ note, ...kept }: Place, sha256: string): string {
	if (note === null) return sha256;
	try {
		mkdirSync(dirname(note), { recursive: true });
		writeWholeSync(note, [Buffer.from(`${JSON.stringify({ ...kept, sha256 })}\n`)]);
	} catch {
		// As said above.
	}
	return sha256;
}

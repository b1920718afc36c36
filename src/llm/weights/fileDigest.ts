/** Hashes of whole files, each worked out once and kept beside what tells whether the file has changed. */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { writeWholeSync } from '../../files/atomicWrite.ts';

/** Read at a time, in bytes. */
const partBytes = 4 * 2 ** 20;

/** Smaller files are hashed as fast as a note about them is found. */
const keptFrom = 16 * 2 ** 20;

const keptSchema = z.strictObject({ path: z.string(), state: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) });

/**
 * Returns the SHA-256 of every byte of a file. That of a large file is kept in the folder and believed as long as size,
 * times and inode of the file are the same; null keeps nothing. Throws the system error of a file that cannot be read.
 */
export function fileDigest(path: string, cacheFolder: string | null): string {
	const { size, mtimeNs, ctimeNs, ino, dev } = statSync(path, { bigint: true });
	if (cacheFolder === null || size < keptFrom) return hashOf(path);
	const state = [size, mtimeNs, ctimeNs, ino, dev].join(' ');
	const absolute = resolve(path);
	const note = join(cacheFolder, 'digests', `${createHash('sha256').update(absolute).digest('hex').slice(0, 32)}.json`);
	const kept = readNote(note);
	if (kept !== null && kept.path === absolute && kept.state === state) return kept.sha256;
	const sha256 = hashOf(path);
	keep(note, { path: absolute, state, sha256 });
	return sha256;
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

/** A cache that cannot be written costs time and nothing else. */
function keep(note: string, kept: z.output<typeof keptSchema>): void {
	try {
		mkdirSync(dirname(note), { recursive: true });
		writeWholeSync(note, [Buffer.from(`${JSON.stringify(kept)}\n`)]);
	} catch {
		// As said above.
	}
}

/**
 * Writes files whole or not at all: a temporary file with a name of its own beside the place, flushed, renamed, the folder
 * flushed. A crash leaves the old file or the new one, and at most a temporary one.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const unfinishedName = /^\..+\.[0-9a-f-]{36}\.tmp$/u;

/**
 * Writes a file, or leaves one alone that holds this text already. Returns whether it wrote.
 * @throws the system error of what failed; nothing has changed then.
 */
export async function writeChanged(path: string, text: string): Promise<boolean> {
	const present = await readFile(path, 'utf8').catch(() => null);
	if (present === text) return false;
	await writeWhole(path, text);
	return true;
}

/** Writes a file. Throws the system error of what failed; nothing has changed then. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
	const temporary = temporaryOf(path);
	try {
		await writeFlushed(temporary, content);
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
	await flushFolder(dirname(path));
}

/** Writes a file of parts, one after the other. Throws the system error of what failed; nothing has changed then. */
export function writeWholeSync(path: string, parts: Iterable<Uint8Array>): void {
	const temporary = temporaryOf(path);
	try {
		writeFlushedSync(temporary, parts);
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
	flushFolderSync(dirname(path));
}

/** Removes what killed processes left of unfinished files in a folder; for those who keep all others out of it. */
export async function removeUnfinished(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (unfinishedName.test(name) && !name.startsWith('.lock.')) await rm(join(folder, name), { force: true });
	}
}

function temporaryOf(path: string): string {
	return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

async function writeFlushed(path: string, content: string | Uint8Array): Promise<void> {
	const file = await open(path, 'wx');
	try {
		await file.writeFile(content);
		await file.sync();
	} finally {
		await file.close();
	}
}

function writeFlushedSync(path: string, parts: Iterable<Uint8Array>): void {
	const descriptor = openSync(path, 'wx');
	try {
		for (const part of parts) writeFully(descriptor, part);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}

/** `writeSync` may write less than it is given, and at most 2^31 - 1 bytes. */
function writeFully(descriptor: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.length; ) {
		done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 2 ** 30));
	}
}

/** A renamed file survives a loss of power once its folder is flushed; systems that cannot do that keep it in their own way. */
async function flushFolder(folder: string): Promise<void> {
	const file = await open(folder, 'r').catch(() => null);
	await file?.sync().catch(() => undefined);
	await file?.close();
}

function flushFolderSync(folder: string): void {
	let descriptor: number | undefined;
	try {
		descriptor = openSync(folder, 'r');
		fsyncSync(descriptor);
	} catch {
		// As in `flushFolder`.
	} finally {
		if (descriptor !== undefined) closeSync(descriptor);
	}
}

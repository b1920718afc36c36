import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../core/errors.ts';

/**
 * Makes a folder and those above it, where absent; returns those it made, the topmost first. Node's own recursive `mkdir` never
 * returns below folders that take no entries, such as /proc.
 * @throws the system error of the folder that cannot be made.
 */
export async function makeFolder(path: string): Promise<string[]> {
	const existing = await stat(path).catch(() => null);
	if (existing?.isDirectory() === true) return [];
	const above = dirname(path) === path ? [] : await makeFolder(dirname(path));
	try {
		await mkdir(path);
		return [...above, path];
	} catch (error) {
		if (codeOf(error) !== 'EEXIST' || existing !== null) throw error;
		return above;
	}
}

/** Removes folders that hold nothing, the last one first; others stay. */
export async function removeEmptyFolders(folders: readonly string[]): Promise<void> {
	for (const folder of folders.toReversed()) await rmdir(folder).catch(() => undefined);
}

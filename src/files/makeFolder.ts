import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../core/errors.ts';

/**
 * Makes a folder and those above it, where absent. Node's own recursive `mkdir` never returns below folders that take no
 * entries, such as /proc.
 * @throws the system error of the folder that cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
	const existing = await stat(path).catch(() => null);
	if (existing?.isDirectory() === true) return;
	if (dirname(path) !== path) await makeFolder(dirname(path));
	await mkdir(path).catch((error: unknown) => {
		if (codeOf(error) !== 'EEXIST' || existing !== null) throw error;
	});
}

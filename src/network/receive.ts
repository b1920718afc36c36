/** The bytes of an answer on their way into a file. */
import { type FileHandle, open, stat, statfs } from 'node:fs/promises';
import { messageOf, UserError } from '../core/errors.ts';

/** Returns the first byte that a partial answer holds, NaN where it does not say. */
export function startOf(response: Response): number {
	return Number(/^bytes (\d+)-/u.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

/** Returns the file, open to be continued or begun anew. Throws `UserError` where it cannot be written. */
export async function openForWriting(file: string, append: boolean): Promise<FileHandle> {
	try {
		return await open(file, append ? 'a' : 'w');
	} catch (error) {
		throw new UserError(
			`${file}: cannot be written (${messageOf(error)}). Check the cache folder, or set HF_HOME to another.`,
		);
	}
}

/** Throws `UserError` where the disk of a folder has not as many bytes left; `variable` names another folder. */
export async function requireSpace(folder: string, needed: number, variable: string): Promise<void> {
	const free = await freeOnDisk(folder);
	if (needed <= free) return;
	const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
	throw new UserError(
		`${folder}: ${gibibytes(needed)} are needed and ${gibibytes(free)} are free. Make room, or set ${variable} to a folder elsewhere.`,
	);
}

/** Returns the bytes that are free on the disk of a folder. */
export async function freeOnDisk(folder: string): Promise<number> {
	const { bavail, bsize } = await statfs(folder);
	return bavail * bsize;
}

/** Returns the length of a file, 0 where there is none. */
export async function sizeOf(file: string): Promise<number> {
	return await stat(file).then(
		({ size }) => size,
		() => 0,
	);
}

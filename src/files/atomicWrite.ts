import { open, readFile, rename, rm } from 'node:fs/promises';

/**
 * Writes a whole file or nothing: temporary file beside it, fsync, rename. Returns false, and touches nothing, when the
 * file holds this text already.
 */
export async function writeAtomically(path: string, text: string): Promise<boolean> {
	const present = await readFile(path, 'utf8').catch(() => null);
	if (present === text) return false;
	const temporary = `${path}.tmp`;
	try {
		const file = await open(temporary, 'w');
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, path);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
	return true;
}

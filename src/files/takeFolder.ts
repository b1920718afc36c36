import { resolve } from 'node:path';
import { lockFolder } from './folderLock.ts';
import { makeFolder, removeEmptyFolders } from './makeFolder.ts';

/**
 * Makes a folder where absent and keeps other processes out of it. Returns a function that gives it back; what was made and
 * holds nothing by then is removed.
 * @throws UserError when a running process holds the folder; the system error of a folder that cannot be made or written.
 */
export async function takeFolder(folder: string): Promise<() => Promise<void>> {
	const made = await makeFolder(resolve(folder));
	try {
		const unlock = await lockFolder(folder);
		return async () => {
			await unlock();
			await removeEmptyFolders(made);
		};
	} catch (error) {
		await removeEmptyFolders(made);
		throw error;
	}
}

/** Takes the lock of each folder it is given and tells its parent whether somebody else held one at the same time. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../src/core/errors.ts';
import { lockFolder } from '../../src/files/folderLock.ts';

const overlaps: string[] = [];
let held = 0;
for (const folder of process.argv.slice(2)) await useFolder(folder);
process.send?.({ held, overlaps });

async function useFolder(folder: string): Promise<void> {
	for (let tries = 0; tries < 5; tries++) {
		const unlock = await lockFolder(folder).catch((error: unknown) => {
			if (error instanceof UserError) return null;
			throw error;
		});
		if (unlock === null) continue;
		held += 1;
		const mark = join(folder, 'in-use');
		const file = await open(mark, 'wx').catch(() => null);
		if (file === null) overlaps.push(folder);
		await file?.close();
		await rm(mark, { force: true });
		await unlock();
	}
}

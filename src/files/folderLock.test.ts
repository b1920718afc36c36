import { fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { lockFolder } from './folderLock.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ended = JSON.stringify({ pid: 2 ** 22 + 1, started: '1', host: hostname() });

describe('lockFolder', () => {
	it('is given back once, and leaves nothing', async () => {
		const unlock = await lockFolder(folder);
		await expect(lockFolder(folder)).rejects.toThrow(UserError);
		await unlock();
		expect(await readdir(folder)).toEqual([]);
	});

	it('leaves a lock alone that took its place', async () => {
		const unlock = await lockFolder(folder);
		await writeFile(join(folder, '.lock'), ended);
		await unlock();
		expect(await readFile(join(folder, '.lock'), 'utf8')).toBe(ended);
	});

	it('takes over from an ended process and from one that ended while it took over', async () => {
		await writeFile(join(folder, '.lock'), ended);
		const unlock = await lockFolder(folder);
		const claims = (await readdir(folder)).filter((name) => name !== '.lock');
		expect(claims).toEqual([]);
		await unlock();
	});

	it('says who holds it where the holder is on another machine', async () => {
		await writeFile(join(folder, '.lock'), JSON.stringify({ pid: 1, started: null, host: 'elsewhere' }));
		await expect(lockFolder(folder)).rejects.toThrow(/process 1 on elsewhere.*delete .*\.lock/u);
	});

	it.each([
		['no lock', null],
		['the lock of an ended process', ended],
		['an empty lock', ''],
	])('has one holder at a time among four processes: %s', { timeout: 60_000 }, async (_, before) => {
		const rounds = Array.from({ length: 25 }, (_, i) => join(folder, String(i)));
		for (const round of rounds) {
			await mkdir(round);
			if (before !== null) await writeFile(join(round, '.lock'), before);
		}
		const results = await Promise.all(Array.from({ length: 4 }, () => lockInOrder(rounds)));
		// A holder writes a file that nobody else may have written, and removes it before it gives the lock back.
		expect(results.flatMap(({ overlaps }) => overlaps)).toEqual([]);
		expect(results.reduce((sum, { held }) => sum + held, 0)).toBeGreaterThanOrEqual(rounds.length);
	});
});

interface Result {
	readonly held: number;
	readonly overlaps: readonly string[];
}

/** Another process takes and gives back the lock of each folder, as often as it can. */
function lockInOrder(folders: readonly string[]): Promise<Result> {
	const child = fork(fileURLToPath(new URL('../../test/support/lockingChild.ts', import.meta.url)), [...folders], {
		execArgv: ['--import', 'tsx'],
	});
	return new Promise((resolve, reject) => {
		child.once('message', (result) => resolve(result as Result));
		child.once('error', reject);
	});
}

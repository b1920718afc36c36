/**
 * Keeps two processes out of one folder. A lock left by a process that no longer runs is taken over.
 *
 * A lock is a file with text that no other lock has, put in place whole (`link` fails where there is one). A dead lock is
 * removed by the one process that holds the claim on that very text, so nobody removes a lock that came after it; a dead
 * claim is removed in the same way.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { constants, copyFile, link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf, UserError } from '../core/errors.ts';

/** Who holds a lock. `started` tells a process from a later one with the same number; null where the system does not say. */
interface Holder {
	readonly pid: number;
	readonly started: string | null;
	readonly host: string;
}

/** Between two looks at a claim that another process holds, in milliseconds. */
const PAUSE = 5;

/**
 * Returns a function that gives the lock back.
 * @throws UserError when a running process holds the folder, with what can be done beside waiting (`orElse`); a system error when the folder cannot be written.
 */
export async function lockFolder(folder: string, orElse = 'use another --out folder'): Promise<() => Promise<void>> {
	const path = join(folder, '.lock');
	const self: Holder = { pid: process.pid, started: startOf(process.pid), host: hostname() };
	const token = randomUUID();
	const text = JSON.stringify({ ...self, token });
	while (!(await placeWhole(path, text, token))) {
		const found = await textOf(path);
		if (found === null) continue;
		const holder = parseHolder(found);
		if (holder !== null && !hasEnded(holder)) throw heldBy(holder, folder, path, orElse);
		await removeDead(path, found, text, token);
	}
	return () => removeOwn(path, text);
}

/** Returns true once the file holds the text, false where there is a file already; nobody ever sees half of it. */
async function placeWhole(path: string, text: string, token: string): Promise<boolean> {
	const own = `${path}.${token}.tmp`;
	try {
		await writeFile(own, text);
		await linkOrCopy(own, path);
		return true;
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		return false;
	} finally {
		await rm(own, { force: true });
	}
}

/** Some file systems have no links; an exclusive copy is the next best. */
async function linkOrCopy(from: string, to: string): Promise<void> {
	try {
		await link(from, to);
	} catch (error) {
		if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
		await copyFile(from, to, constants.COPYFILE_EXCL);
	}
}

/** Removes a lock whose holder has ended, unless another process is about to. */
async function removeDead(path: string, dead: string, text: string, token: string): Promise<void> {
	const claim = `${path}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
	if (await placeWhole(claim, text, token)) {
		try {
			if ((await textOf(path)) === dead) await rm(path, { force: true });
		} finally {
			await rm(claim, { force: true });
		}
		return;
	}
	const found = await textOf(claim);
	if (found === null) return;
	const holder = parseHolder(found);
	if (holder !== null && !hasEnded(holder)) await wait(PAUSE);
	else await removeDead(claim, found, text, token);
}

async function removeOwn(path: string, text: string): Promise<void> {
	if ((await textOf(path)) === text) await rm(path, { force: true });
}

/** Returns null where there is no file. */
async function textOf(path: string): Promise<string | null> {
	return readFile(path, 'utf8').catch((error: unknown) => {
		if (codeOf(error) === 'ENOENT') return null;
		throw error;
	});
}

function parseHolder(text: string): Holder | null {
	try {
		const value = JSON.parse(text) as Partial<Holder> | null;
		const { pid, started = null, host } = value ?? {};
		return typeof pid === 'number' && typeof host === 'string' ? { pid, started, host } : null;
	} catch {
		return null;
	}
}

/** Returns true when the holder is a process of this machine that no longer runs. */
function hasEnded(holder: Holder): boolean {
	if (holder.host !== hostname()) return false;
	try {
		process.kill(holder.pid, 0);
	} catch (error) {
		return codeOf(error) === 'ESRCH';
	}
	const started = startOf(holder.pid);
	return started !== null && holder.started !== null && started !== holder.started;
}

/** Returns the start time of a process in ticks since boot (field 22 of Linux's /proc/PID/stat), else null. */
function startOf(pid: number): string | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
		return started ?? null;
	} catch {
		return null;
	}
}

function heldBy(holder: Holder, folder: string, path: string, orElse: string): UserError {
	return new UserError(
		`${folder}: another run (process ${holder.pid} on ${holder.host}) is writing here. ` +
			`Wait for it or ${orElse}; if it no longer runs, delete ${path}.`,
	);
}

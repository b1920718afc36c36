/** Keeps two processes out of one folder. A lock left by a process that no longer runs is taken over. */
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf, UserError } from '../core/errors.ts';

/** Who holds a lock. `started` tells a process from a later one with the same number; null where the system does not say. */
interface Holder {
	readonly pid: number;
	readonly started: string | null;
	readonly host: string;
}

/**
 * Returns a function that gives the lock back.
 * @throws UserError when a running process holds the folder, with what can be done beside waiting (`orElse`); a system error when the folder cannot be written.
 */
export async function lockFolder(folder: string, orElse = 'use another --out folder'): Promise<() => Promise<void>> {
	const path = join(folder, '.lock');
	const self: Holder = { pid: process.pid, started: startOf(process.pid), host: hostname() };
	for (;;) {
		try {
			await writeFile(path, JSON.stringify(self), { flag: 'wx' });
			return () => rm(path, { force: true });
		} catch (error) {
			if (codeOf(error) !== 'EEXIST') throw error;
		}
		const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
		if (holder !== null && !hasEnded(holder)) throw heldBy(holder, folder, path, orElse);
		await rm(path, { force: true });
	}
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
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
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

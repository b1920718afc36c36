/**
 * What tells a finished study from one that has something to do, without reading it: `finished.json` names what the study
 * follows from and the files it left, each with size, time and inode; the hash decides where these differ.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../files/atomicWrite.ts';

const stampName = 'finished.json';

const seenFile = z.strictObject({
	path: z.string(),
	size: z.number(),
	changed: z.number(),
	inode: z.number(),
	hash: z.string(),
});

const stampSchema = z.strictObject({ study: z.string(), files: z.array(seenFile), shown: z.unknown() });

type SeenFile = z.infer<typeof seenFile>;

/** More files than these, as a folder of documents one by one, are not watched: such a study is opened as before. */
const mostFiles = 2000;

export interface FinishedStudy {
	/** Hash of what the results follow from beside the files: settings, models, versions. */
	readonly study: string;
	/** Files and folders that it follows from, and files that it left. */
	readonly paths: readonly string[];
}

/** Writes that a study is finished, with what is to be shown when it is asked for again. */
export async function stampFinished(folder: string, { study, paths }: FinishedStudy, shown: unknown): Promise<void> {
	const files = await filesOf(paths);
	if (files === null) return;
	const seen: SeenFile[] = [];
	for (const path of files) seen.push({ ...(await factsOf(path)), hash: await hashOf(path) });
	await writeWhole(join(folder, stampName), JSON.stringify({ study, files: seen, shown }));
}

/** Takes the stamp away: what follows may change what it vouches for. */
export async function removeStamp(folder: string): Promise<void> {
	await rm(join(folder, stampName), { force: true });
}

/** Returns what was to be shown of a study that is finished and unchanged, null of any other. */
export async function shownWhenFinished(folder: string, { study, paths }: FinishedStudy): Promise<unknown> {
	const text = await readFile(join(folder, stampName), 'utf8').catch(() => null);
	if (text === null) return null;
	const stamp = stampSchema.safeParse(parsed(text)).data;
	if (stamp === undefined || stamp.study !== study) return null;
	const files = await filesOf(paths).catch(() => null);
	if (files === null || files.join('\n') !== stamp.files.map(({ path }) => path).join('\n')) return null;
	for (const file of stamp.files) if (!(await isUnchanged(file))) return null;
	return stamp.shown;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

async function isUnchanged(seen: SeenFile): Promise<boolean> {
	const { size, changed, inode } = await factsOf(seen.path);
	if (size !== seen.size) return false;
	return (changed === seen.changed && inode === seen.inode) || (await hashOf(seen.path)) === seen.hash;
}

async function factsOf(path: string): Promise<Omit<SeenFile, 'hash'>> {
	const { size, mtimeMs, ino } = await stat(path);
	return { path, size, changed: mtimeMs, inode: ino };
}

async function hashOf(path: string): Promise<string> {
	const hash = createHash('sha256');
	for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
	return hash.digest('hex');
}

/** Returns the files and those in the folders, in order; null where they are too many. Throws for what is not there. */
async function filesOf(paths: readonly string[]): Promise<string[] | null> {
	const files: string[] = [];
	for (const path of [...new Set(paths)].toSorted()) {
		if (!(await stat(path)).isDirectory()) {
			files.push(path);
			continue;
		}
		const inside = await readdir(path, { recursive: true, withFileTypes: true });
		const own = inside.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
		files.push(...own.toSorted());
		if (files.length > mostFiles) return null;
	}
	return files;
}

/** Returns all absolute paths that stand in a value, at any depth. */
export function pathsIn(value: unknown): string[] {
	if (typeof value === 'string') return isAbsolute(value) ? [value] : [];
	if (value === null || typeof value !== 'object') return [];
	return Object.values(value).flatMap(pathsIn);
}

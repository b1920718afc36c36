/** An archive into a folder: its files and nothing else, and none outside the folder. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../../core/errors.ts';
import { freeOnDisk, sizeOf } from '../receive.ts';
import { allowanceOf, archiveError, type WriteFile } from './archive.ts';
import { unpackTarGz } from './tar.ts';
import { unpackZip } from './zip.ts';

/** Returns true for the name of a file that `unpack` takes. */
export function isArchive(name: string): boolean {
	return /\.(tar\.gz|tgz|zip)$/iu.test(name);
}

/** Returns the bytes that are free on the disk of a folder. */
export type FreeSpace = (folder: string) => Promise<number>;

/**
 * Unpacks a `.tar.gz`, `.tgz` or `.zip` into a folder that must be empty or absent, and is removed where that fails. Where
 * everything in the archive lies in one folder, its contents are taken without it. Files that systems add (`._name`,
 * `.DS_Store`) are left out.
 * @throws UserError for an archive that is damaged, grows beyond all data or the free disk, holds links, devices or a name
 * twice, or names paths outside the folder.
 */
export async function unpack(file: string, folder: string, freeSpace: FreeSpace = freeOnDisk): Promise<void> {
	await mkdir(folder, { recursive: true });
	const allowance = allowanceOf(file, await sizeOf(file), await freeSpace(folder));
	try {
		await (/\.zip$/iu.test(file) ? unpackZip : unpackTarGz)(file, writerInto(file, folder), allowance);
		if ((await readdir(folder)).length === 0) throw archiveError(file, 'it holds no files');
		await withoutOuterFolder(folder);
	} catch (error) {
		await rm(folder, { recursive: true, force: true });
		throw error;
	}
}

function writerInto(file: string, folder: string): WriteFile {
	const made = new Set<string>();
	return async (path, bytes) => {
		const target = join(folder, safePath(file, path));
		if (isAddedBySystems(path)) {
			for await (const _ of bytes);
			return;
		}
		try {
			if (!made.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
			made.add(dirname(target));
			// A name that repeats would replace what was written: `wx` refuses it, by the rules of this disk.
			await pipeline(bytes, createWriteStream(target, { flags: 'wx' }));
		} catch (error) {
			if (!/^(?:EEXIST|ENOTDIR|EISDIR)$/u.test(codeOf(error) ?? '')) throw error;
			throw archiveError(file, `it holds "${path}" twice, or as a file and as a folder`);
		}
	};
}

function safePath(file: string, path: string): string {
	const parts = path.split(/[\\/]/u).filter((part) => part !== '' && part !== '.');
	const isOutside = /^([\\/]|[A-Za-z]:)/u.test(path) || parts.includes('..') || path.includes('\0');
	if (isOutside || parts.length === 0) throw archiveError(file, `it names the path "${path}", outside its folder`);
	return join(...parts);
}

function isAddedBySystems(path: string): boolean {
	return path.split('/').includes('__MACOSX') || /^(\._.*|\.DS_Store)$/u.test(basename(path));
}

async function withoutOuterFolder(folder: string): Promise<void> {
	const [only, ...others] = await readdir(folder, { withFileTypes: true });
	if (only === undefined || others.length > 0 || !only.isDirectory()) return;
	const outer = join(folder, `${only.name}.outer`);
	await rename(join(folder, only.name), outer);
	for (const name of await readdir(outer)) await rename(join(outer, name), join(folder, name));
	await rm(outer, { recursive: true });
}

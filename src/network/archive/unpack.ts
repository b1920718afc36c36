/** An archive into a folder: its files and nothing else, and none outside the folder. */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { archiveError, type WriteFile } from './archive.ts';
import { unpackTarGz } from './tar.ts';
import { unpackZip } from './zip.ts';

/** Returns true for the name of a file that `unpack` takes. */
export function isArchive(name: string): boolean {
	return /\.(tar\.gz|tgz|zip)$/iu.test(name);
}

/**
 * Unpacks a `.tar.gz`, `.tgz` or `.zip` into a folder that must be empty or absent. Where everything in the archive lies
 * in one folder, its contents are taken without it. Files that systems add (`._name`, `.DS_Store`) are left out.
 * @throws UserError for an archive that is damaged, holds links, or names paths outside the folder.
 */
export async function unpack(file: string, folder: string): Promise<void> {
	const write: WriteFile = async (path, bytes) => {
		const target = join(folder, safePath(file, path));
		if (isAddedBySystems(path)) {
			for await (const _ of bytes);
			return;
		}
		await mkdir(dirname(target), { recursive: true });
		await pipeline(bytes, createWriteStream(target));
	};
	await mkdir(folder, { recursive: true });
	await (/\.zip$/iu.test(file) ? unpackZip : unpackTarGz)(file, write);
	await withoutOuterFolder(folder);
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

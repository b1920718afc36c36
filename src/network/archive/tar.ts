/**
 * Tar archives, gzipped: the ustar form with the long names of GNU and pax.
 * Source: POSIX.1-2001, pax interchange format; GNU tar manual, "Basic Tar Format".
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { messageOf, UserError } from '../../core/errors.ts';
import { archiveError, type WriteFile } from './archive.ts';
import { type ByteReader, byteReader } from './byteReader.ts';

const BLOCK = 512;
/** Longest name that is read into memory. */
const LONGEST_NAME = 2 ** 20;

interface Header {
	readonly name: string;
	readonly size: number;
	/** `0` a file, `5` a folder, `L` the next entry's name (GNU), `x` attributes of the next entry (pax). */
	readonly type: string;
}

/** Unpacks a `.tar.gz`; folders, and attributes other than names, are passed over. Throws `UserError` for what is no such archive. */
export async function unpackTarGz(file: string, write: WriteFile): Promise<void> {
	const source = createReadStream(file);
	const bytes = createGunzip();
	source.on('error', (error) => bytes.destroy(error));
	try {
		await unpackEntries(file, byteReader(source.pipe(bytes)), write);
	} catch (error) {
		throw error instanceof UserError ? error : archiveError(file, messageOf(error));
	} finally {
		source.destroy();
		bytes.destroy();
	}
}

async function unpackEntries(file: string, reader: ByteReader, write: WriteFile): Promise<void> {
	let longName: string | null = null;
	for (;;) {
		const block = await reader.take(BLOCK);
		// An archive ends with blocks of zeros, or just so.
		if (block.every((byte) => byte === 0)) return;
		const { name, size, type } = headerOf(file, block);
		if (type === 'L' || type === 'x') {
			const content = await contentOf(file, reader, size);
			longName = (type === 'L' ? untilZero(content) : paxPath(content)) ?? longName;
			continue;
		}
		const path = longName ?? name;
		longName = null;
		if (type === '1' || type === '2') throw archiveError(file, `"${path}" is a link; only files and folders are taken`);
		const isFile = ['0', '\0', '7'].includes(type) && !path.endsWith('/');
		if (isFile) await write(path, exactly(file, reader, size));
		else await skip(reader, size);
		await skip(reader, paddingOf(size));
	}
}

function headerOf(file: string, block: Buffer): Header {
	const field = (from: number, length: number): string => untilZero(block.subarray(from, from + length));
	const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
	if (block.length < BLOCK || Number.parseInt(field(148, 8).trim(), 8) !== sum) {
		throw archiveError(file, 'it is damaged or no tar archive (a header’s sum is wrong)');
	}
	const isUstar = field(257, 5) === 'ustar';
	// GNU's own form keeps times where POSIX keeps the first part of long names.
	const prefix = isUstar && block[262] === 0 ? field(345, 155) : '';
	const name = field(0, 100);
	return {
		name: prefix === '' ? name : `${prefix}/${name}`,
		size: sizeIn(file, block.subarray(124, 136)),
		type: String.fromCharCode(block[156] ?? 0),
	};
}

/** Octal digits, or from 8 GiB on a binary number marked by its first bit. */
function sizeIn(file: string, field: Buffer): number {
	const first = field[0] ?? 0;
	const size = first >= 128 ? Number(field.readBigUInt64BE(4)) : Number.parseInt(untilZero(field).trim() || '0', 8);
	if (!Number.isSafeInteger(size) || size < 0)
		throw archiveError(file, 'it is damaged (the length of a file is no number)');
	return size;
}

async function contentOf(file: string, reader: ByteReader, size: number): Promise<Buffer> {
	if (size > LONGEST_NAME) throw archiveError(file, `a name in it is ${size} bytes long`);
	const content = await reader.take(size);
	await skip(reader, paddingOf(size));
	return content;
}

/** Pax attributes are lines `LENGTH KEY=VALUE`, the length in bytes. */
function paxPath(content: Buffer): string | null {
	for (let at = 0; at < content.length; ) {
		const length = Number.parseInt(content.subarray(at, at + 20).toString('latin1'), 10);
		if (!(length > 0)) return null;
		const line = content.subarray(at, at + length - 1).toString('utf8');
		const [, path] = /^\d+ path=([^]*)$/u.exec(line) ?? [];
		if (path !== undefined) return path;
		at += length;
	}
	return null;
}

async function* exactly(file: string, reader: ByteReader, size: number): AsyncGenerator<Buffer> {
	let came = 0;
	for await (const piece of reader.stream(size)) {
		came += piece.length;
		yield piece;
	}
	if (came < size) throw archiveError(file, 'it ends too early');
}

async function skip(reader: ByteReader, count: number): Promise<void> {
	for await (const _ of reader.stream(count));
}

function paddingOf(size: number): number {
	return (BLOCK - (size % BLOCK)) % BLOCK;
}

function untilZero(bytes: Buffer): string {
	const end = bytes.indexOf(0);
	return bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8');
}

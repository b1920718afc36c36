/**
 * Zip archives: files stored or deflated, sizes below 4 GiB.
 * Source: PKWARE, .ZIP File Format Specification (APPNOTE), 4.3.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { messageOf, UserError } from '../../core/errors.ts';
import { archiveError, type WriteFile } from './archive.ts';

const END_SIGNATURE = 0x06_05_4b_50;
const ENTRY_SIGNATURE = 0x02_01_4b_50;
const LOCAL_SIGNATURE = 0x04_03_4b_50;
const END_LENGTH = 22;
const LOCAL_LENGTH = 30;
/** The end record may be followed by a comment. */
const LONGEST_COMMENT = 65_535;

interface Entry {
	readonly name: string;
	readonly method: number;
	readonly isEncrypted: boolean;
	readonly crc: number;
	readonly packed: number;
	readonly size: number;
	/** Where its local header stands. */
	readonly offset: number;
}

/** Unpacks a `.zip`; folders are passed over. Throws `UserError` for what is no such archive, or damaged. */
export async function unpackZip(file: string, write: WriteFile): Promise<void> {
	const handle = await open(file);
	try {
		for (const entry of await entriesOf(file, handle)) {
			if (entry.name.endsWith('/')) continue;
			await write(entry.name, await contentOf(file, handle, entry));
		}
	} catch (error) {
		throw error instanceof UserError ? error : archiveError(file, messageOf(error));
	} finally {
		await handle.close();
	}
}

async function entriesOf(file: string, handle: FileHandle): Promise<Entry[]> {
	const { size: length } = await handle.stat();
	const tail = await bytesAt(handle, Math.max(0, length - END_LENGTH - LONGEST_COMMENT), END_LENGTH + LONGEST_COMMENT);
	const end = lastIndexOf(tail, END_SIGNATURE);
	if (end < 0) throw archiveError(file, 'it is no zip archive, or its end is missing');
	const [count, size, start] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
	if (count === 0xff_ff || start === 0xff_ff_ff_ff)
		throw archiveError(file, 'it is larger than zip without zip64 can be');
	const directory = await bytesAt(handle, start, size);
	const entries: Entry[] = [];
	for (let at = 0; entries.length < count; ) {
		if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) {
			throw archiveError(file, 'it is damaged (its list of files cannot be read)');
		}
		const nameLength = directory.readUInt16LE(at + 28);
		entries.push(entryAt(directory, at, nameLength));
		at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
	}
	return entries;
}

function entryAt(directory: Buffer, at: number, nameLength: number): Entry {
	return {
		name: directory.toString('utf8', at + 46, at + 46 + nameLength),
		isEncrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
		method: directory.readUInt16LE(at + 10),
		crc: directory.readUInt32LE(at + 16),
		packed: directory.readUInt32LE(at + 20),
		size: directory.readUInt32LE(at + 24),
		offset: directory.readUInt32LE(at + 42),
	};
}

async function contentOf(file: string, handle: FileHandle, entry: Entry): Promise<AsyncIterable<Uint8Array>> {
	const { name, method, offset, packed } = entry;
	if (entry.isEncrypted) throw archiveError(file, `"${name}" is encrypted`);
	if (method !== 0 && method !== 8)
		throw archiveError(file, `"${name}" is packed by method ${method}; deflate is read`);
	const local = await bytesAt(handle, offset, LOCAL_LENGTH);
	if (local.length < LOCAL_LENGTH || local.readUInt32LE(0) !== LOCAL_SIGNATURE) {
		throw archiveError(file, `it is damaged ("${name}" is not where its list says)`);
	}
	const start = offset + LOCAL_LENGTH + local.readUInt16LE(26) + local.readUInt16LE(28);
	const raw = packed === 0 ? Readable.from([]) : createReadStream(file, { start, end: start + packed - 1 });
	// An error reaches whoever reads the result.
	const bytes = method === 0 ? raw : pipeline(raw, createInflateRaw(), () => undefined);
	return checked(file, entry, bytes);
}

async function* checked(
	file: string,
	{ name, crc, size }: Entry,
	bytes: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
	let [came, sum] = [0, 0];
	for await (const piece of bytes) {
		came += piece.length;
		sum = crc32(piece, sum);
		yield piece;
	}
	if (came !== size || sum !== crc) throw archiveError(file, `"${name}" in it is damaged (its sum is wrong)`);
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
	const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
	return buffer.subarray(0, bytesRead);
}

function lastIndexOf(bytes: Buffer, signature: number): number {
	for (let at = bytes.length - END_LENGTH; at >= 0; at--) if (bytes.readUInt32LE(at) === signature) return at;
	return -1;
}

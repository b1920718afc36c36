/** Zip archives, read by `yauzl`: files stored or deflated. Their list is checked before anything is written. */
import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { messageOf, UserError } from '../../core/errors.ts';
import { type Allowance, archiveError, type WriteFile } from './archive.ts';

/** A file in the archive. */
interface Listed {
	readonly name: string;
	readonly entry: Entry;
}

/** Unpacks a `.zip`; folders are passed over. Throws `UserError` for what is no such archive, damaged, or made to do harm. */
export async function unpackZip(file: string, write: WriteFile, allowance: Allowance): Promise<void> {
	const zip = await opened(file);
	try {
		const listed = await filesIn(file, zip);
		requireSeparate(file, listed);
		allowance.take(listed.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0));
		for (const one of listed) await write(one.name, contentOf(file, zip, one));
	} catch (error) {
		throw error instanceof UserError ? error : archiveError(file, `it is damaged (${messageOf(error)})`);
	} finally {
		zip.close();
	}
}

async function opened(file: string): Promise<ZipFile> {
	try {
		// Names are decoded here: archives of many programs hold UTF-8 without saying so.
		return await openPromise(file, { autoClose: false, decodeStrings: false });
	} catch (error) {
		throw archiveError(file, `it is no zip archive, or its end is missing (${messageOf(error)})`);
	}
}

async function filesIn(file: string, zip: ZipFile): Promise<Listed[]> {
	const listed: Listed[] = [];
	for await (const entry of zip.eachEntry()) {
		const name = nameOf(entry);
		requirePlainFile(file, name, entry);
		if (!name.endsWith('/')) listed.push({ name, entry });
	}
	return listed;
}

function nameOf({ fileNameRaw: raw, generalPurposeBitFlag, extraFields }: Entry): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(raw);
	} catch {
		return getFileNameLowLevel(generalPurposeBitFlag, raw, extraFields, true);
	}
}

/** The kind of a file in the attributes of Unix: its mask, a plain file, a folder. */
const [KIND, PLAIN, FOLDER] = [0o170000, 0o100000, 0o040000];

function requirePlainFile(file: string, name: string, entry: Entry): void {
	const kind = (entry.externalFileAttributes >>> 16) & KIND;
	if (kind !== 0 && kind !== PLAIN && kind !== FOLDER) {
		throw archiveError(file, `"${name}" is a link or a device; only files and folders are taken`);
	}
	if (entry.isEncrypted()) throw archiveError(file, `"${name}" is encrypted`);
	if (entry.canDecodeFileData()) return;
	throw archiveError(file, `"${name}" is packed by method ${entry.compressionMethod}; deflate is read`);
}

/** The least that stands before the bytes of a file: its local header without its name. */
const LOCAL_HEADER = 30;

/** Entries that share bytes make an archive of any size out of a small one. */
function requireSeparate(file: string, listed: readonly Listed[]): void {
	const places = listed
		.map(({ name, entry }) => ({
			name,
			start: entry.relativeOffsetOfLocalHeader,
			end: entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + entry.compressedSize,
		}))
		.sort((a, b) => a.start - b.start);
	const shared = places.find(({ end }, i) => end > (places[i + 1]?.start ?? Number.POSITIVE_INFINITY));
	if (shared !== undefined)
		throw archiveError(file, `"${shared.name}" shares its bytes with another file of the archive`);
}

async function* contentOf(file: string, zip: ZipFile, { name, entry }: Listed): AsyncGenerator<Buffer> {
	const bytes: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
	let sum = 0;
	for await (const piece of bytes) {
		sum = crc32(piece, sum);
		yield piece;
	}
	if (sum !== entry.crc32) throw archiveError(file, `"${name}" in it is damaged (its sum is wrong)`);
}

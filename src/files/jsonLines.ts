/** Files of JSON lines that grow at their end: whatever a crash leaves is whole lines and perhaps one torn line. */
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf } from '../core/errors.ts';

const LINE_FEED = 0x0a;

/** Read at a time, in bytes. */
const PART = 1 << 20;

export interface ReadLines {
	/** Size of the file; 0 where there is none. */
	readonly bytes: number;
	/** Bytes up to the last line feed: what follows was cut off in mid-write. */
	readonly wholeBytes: number;
}

/**
 * Hands every whole line of a file, without its line feed, to `take`, with its number from 1.
 * @throws what `take` throws, and the system error of a file that is there and cannot be read.
 */
export async function readJsonLines(path: string, take: (text: string, line: number) => void): Promise<ReadLines> {
	const file = await open(path, 'r').catch((error: unknown) => {
		if (codeOf(error) === 'ENOENT') return null;
		throw error;
	});
	if (file === null) return { bytes: 0, wholeBytes: 0 };
	try {
		return await readParts(file, take);
	} finally {
		await file.close();
	}
}

/** Cuts a torn line off. Throws the system error of a file that cannot be written. */
export async function cutTornEnd(path: string, { bytes, wholeBytes }: ReadLines): Promise<void> {
	if (wholeBytes === bytes) return;
	const file = await open(path, 'r+');
	try {
		await file.truncate(wholeBytes);
		await file.sync();
	} finally {
		await file.close();
	}
}

async function readParts(file: FileHandle, take: (text: string, line: number) => void): Promise<ReadLines> {
	const part = Buffer.alloc(PART);
	/** The beginning of a line whose end has not been read. */
	let begun: Buffer[] = [];
	let bytes = 0;
	let line = 0;
	for (;;) {
		const { bytesRead } = await file.read(part, 0, PART, bytes);
		if (bytesRead === 0) break;
		bytes += bytesRead;
		let start = 0;
		for (let end = part.indexOf(LINE_FEED); end >= 0 && end < bytesRead; end = part.indexOf(LINE_FEED, start)) {
			const text = Buffer.concat([...begun, part.subarray(start, end)]).toString('utf8');
			begun = [];
			start = end + 1;
			line += 1;
			take(text, line);
		}
		if (start < bytesRead) begun.push(Buffer.from(part.subarray(start, bytesRead)));
	}
	return { bytes, wholeBytes: bytes - begun.reduce((sum, { length }) => sum + length, 0) };
}

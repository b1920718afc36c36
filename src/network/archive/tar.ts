/** Tar archives, gzipped, read by `tar`: the ustar form with the long names of GNU and pax. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { messageOf, UserError } from '../../core/errors.ts';
import { type Allowance, archiveError, type WriteFile } from './archive.ts';

/** Longest name, with other attributes of a file, that is read into memory. */
const LONGEST_NAME = 2 ** 20;
/** Stands for bytes that are no character. */
const NO_CHARACTER = '\ufffd';

/** Unpacks a `.tar.gz`; folders are passed over. Throws `UserError` for what is no such archive, damaged, or made to do harm. */
export async function unpackTarGz(file: string, write: WriteFile, allowance: Allowance): Promise<void> {
	const source = createReadStream(file);
	const bytes = createGunzip();
	source.on('error', (error) => bytes.destroy(error));
	const files = new TarFiles(file, write, allowance);
	try {
		for await (const chunk of source.pipe(bytes) as AsyncIterable<Buffer>) {
			allowance.take(chunk.length);
			await files.add(chunk);
		}
		await files.end();
	} catch (error) {
		await files.stop(error);
		throw error instanceof UserError ? error : archiveError(file, messageOf(error));
	} finally {
		source.destroy();
		bytes.destroy();
	}
}

/** Writes the files of an archive one after the other while its bytes are added. */
class TarFiles {
	readonly #file: string;
	readonly #write: WriteFile;
	readonly #allowance: Allowance;
	readonly #parser: Parser;
	/** What is wrong with the archive. */
	#problem: unknown = null;
	/** Writing of all files but the last one, whose bytes have all come; and of all. */
	#earlier = Promise.resolve();
	#all = Promise.resolve();
	#last: PassThrough | null = null;

	constructor(file: string, write: WriteFile, allowance: Allowance) {
		this.#file = file;
		this.#write = write;
		this.#allowance = allowance;
		this.#parser = new Parser({
			strict: true,
			maxMetaEntrySize: LONGEST_NAME,
			onReadEntry: (entry) => this.#begin(entry),
		});
		this.#parser.on('error', (error: unknown) => (this.#problem ??= archiveError(file, inWords(messageOf(error)))));
		this.#parser.on('meta', (text: string) => (this.#problem ??= this.#problemOfNames(text)));
		this.#parser.on('ignoredEntry', (entry: ReadEntry) => (this.#problem ??= this.#refusalOf(entry)));
	}

	/** Throws `UserError` for what is wrong so far; returns when more bytes are wanted. */
	async add(chunk: Buffer): Promise<void> {
		const isReady = this.#parser.write(chunk);
		this.#throwProblem();
		await this.#earlier;
		if (!isReady) await Promise.race([once(this.#parser, 'drain'), rejectionOf(this.#all)]);
	}

	async end(): Promise<void> {
		this.#parser.end();
		this.#throwProblem();
		await this.#all;
	}

	/** Ends the writing of a file whose bytes will not all come. */
	async stop(reason: unknown): Promise<void> {
		this.#last?.destroy(reason instanceof Error ? reason : undefined);
		await this.#all.catch(() => undefined);
	}

	#throwProblem(): void {
		if (this.#problem !== null) throw this.#problem;
	}

	#begin(entry: ReadEntry): void {
		this.#problem ??= this.#refusalOf(entry);
		if (this.#problem !== null || isFolder(entry)) {
			entry.resume();
			return;
		}
		const content = new PassThrough();
		// Whoever reads it is told of errors; this keeps one that nobody reads from ending the process.
		content.on('error', () => undefined);
		entry.pipe(content);
		this.#last = content;
		this.#earlier = this.#all;
		this.#all = this.#all.then(() => this.#write(entry.path, content));
		this.#all.catch(() => undefined);
	}

	/** What cannot be read of a long name would be left out, and the file get another one. */
	#problemOfNames(text: string): unknown {
		if (!text.includes(NO_CHARACTER) && (!/^\d+ /u.test(text) || arePaxRecords(text))) return null;
		return archiveError(this.#file, 'it is damaged, or a name in it is not UTF-8 or of several lines');
	}

	/** Returns why an entry is not taken, null where it is. */
	#refusalOf(entry: ReadEntry): unknown {
		const refused = (problem: string): UserError => archiveError(this.#file, problem);
		if (entry.meta) return refused(`a name in it is ${entry.size} bytes long`);
		if (entry.path.includes(NO_CHARACTER)) return refused(`the name "${entry.path}" is not UTF-8`);
		const kind = refusedKinds[entry.type];
		if (kind !== undefined) return refused(`"${entry.path}" is ${kind}; only files and folders are taken`);
		if (entry.header.size === undefined && !isFolder(entry)) {
			return refused(`it is damaged (the length of "${entry.path}" is no number)`);
		}
		try {
			this.#allowance.require(entry.size);
			return null;
		} catch (error) {
			return error;
		}
	}
}

const refusedKinds: Readonly<Record<string, string>> = {
	Link: 'a link',
	SymbolicLink: 'a link',
	CharacterDevice: 'a device',
	BlockDevice: 'a device',
	FIFO: 'a pipe',
	SparseFile: 'a file with holes',
	ContinuationFile: 'a part of a file',
};

function isFolder({ type }: ReadEntry): boolean {
	return type === 'Directory' || type === 'GNUDumpDir';
}

/** Pax attributes are lines `LENGTH KEY=VALUE`, the length in bytes. Source: POSIX.1-2001, pax interchange format. */
function arePaxRecords(text: string): boolean {
	const lines = text.replace(/\n$/u, '').split('\n');
	return lines.every((line) => Number.parseInt(line, 10) === Buffer.byteLength(line) + 1);
}

/** What the library says of archives that end in the middle, or are none. */
function inWords(message: string): string {
	if (/checksum failure|Unrecognized archive/u.test(message)) {
		return 'it is damaged or no tar archive (a header’s sum is wrong)';
	}
	return message.includes('Truncated input') ? 'it ends too early' : `it is damaged (${message})`;
}

/** Returns a promise that is rejected when another one is, and never resolved. */
async function rejectionOf(promise: Promise<unknown>): Promise<never> {
	return await new Promise((_, reject) => {
		promise.catch(reject);
	});
}

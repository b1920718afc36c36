/** Reads a file from its start on, piece by piece; nothing is allocated that the file is too short for. */
import { readSync } from 'node:fs';
import { UserError } from '../../../core/errors.ts';

/** Read at once where less is asked for, in bytes. */
const windowBytes = 2 ** 20;

export class ByteCursor {
	readonly file: string;
	readonly fileLength: number;
	readonly #descriptor: number;
	#window: Buffer = Buffer.alloc(0);
	#windowStart = 0;
	#position = 0;

	constructor(file: string, descriptor: number, fileLength: number) {
		this.file = file;
		this.#descriptor = descriptor;
		this.fileLength = fileLength;
	}

	get position(): number {
		return this.#position;
	}

	get left(): number {
		return this.fileLength - this.#position;
	}

	u32(what: string): number {
		return this.bytes(4, what).readUInt32LE();
	}

	/** Returns a count or an offset. Throws `UserError` where it is above 2^53. */
	u64(what: string): number {
		const value = this.bytes(8, what).readBigUInt64LE();
		if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
		throw damaged(this.file, `has ${value} for ${what}, more than any file can hold`);
	}

	/** Returns a text; lengths are checked against what is left of the file. */
	text(what: string, longest = Infinity): string {
		const length = this.u64(`the length of ${what}`);
		if (length > longest) throw damaged(this.file, `has ${what} of ${length} bytes; at most ${longest} are allowed`);
		return this.bytes(length, what).toString('utf8');
	}

	/** Returns the next bytes, valid until the next call. Throws `UserError` where the file has fewer. */
	bytes(length: number, what: string): Buffer {
		if (length > this.left) {
			throw damaged(
				this.file,
				`ends within ${what}: ${length} bytes are announced at byte ${this.#position}, ${this.left} follow`,
			);
		}
		if (this.#position + length > this.#windowStart + this.#window.length) this.#load(Math.max(length, windowBytes));
		const start = this.#position - this.#windowStart;
		this.#position += length;
		return this.#window.subarray(start, start + length);
	}

	#load(wanted: number): void {
		const window = Buffer.alloc(Math.min(wanted, this.left));
		for (let done = 0; done < window.length; ) {
			const count = readSync(this.#descriptor, window, done, window.length - done, this.#position + done);
			if (count === 0) throw damaged(this.file, `ends at byte ${this.#position + done}, while it was being read`);
			done += count;
		}
		this.#window = window;
		this.#windowStart = this.#position;
	}
}

/** Returns the error for a file that cannot be what it says it is. */
export function damaged(file: string, problem: string): UserError {
	return new UserError(`${file}: the file ${problem}. It is damaged or not a GGUF file; copy or download it again.`);
}

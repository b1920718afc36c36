/** Makes the bytes of small GGUF files, whole ones and broken ones, for tests. */

/** A value with the number of its type; lists are of one type. */
export type Entry =
	| { readonly type: 4; readonly value: number }
	| { readonly type: 6; readonly value: number }
	| { readonly type: 7; readonly value: boolean }
	| { readonly type: 8; readonly value: string }
	| { readonly type: 9; readonly of: 4 | 5 | 6 | 8; readonly value: readonly (string | number)[] };

export interface FileParts {
	readonly version?: number;
	readonly metadata?: Readonly<Record<string, Entry>>;
	readonly tensors?: readonly TestTensor[];
	/** Bytes after the head. */
	readonly data?: number;
}

export interface TestTensor {
	readonly name: string;
	readonly sizes: readonly number[];
	readonly type: number;
	readonly offset: number;
}

export const text = (value: string): Entry => ({ type: 8, value });
export const whole = (value: number): Entry => ({ type: 4, value });
export const texts = (value: readonly string[]): Entry => ({ type: 9, of: 8, value });
export const wholes = (value: readonly number[]): Entry => ({ type: 9, of: 5, value });

/** Returns the bytes of a file. */
export function ggufBytes({ version = 3, metadata = {}, tensors = [], data = 0 }: FileParts): Buffer {
	const head = Buffer.concat([
		Buffer.from('GGUF'),
		u32(version),
		u64(tensors.length),
		u64(Object.keys(metadata).length),
		...Object.entries(metadata).flatMap(([key, entry]) => [textBytes(key), u32(entry.type), entryBytes(entry)]),
		...tensors.flatMap(({ name, sizes, type, offset }) => [
			textBytes(name),
			u32(sizes.length),
			...sizes.map(u64),
			u32(type),
			u64(offset),
		]),
	]);
	return Buffer.concat([head, Buffer.alloc((32 - (head.length % 32)) % 32), Buffer.alloc(data)]);
}

function entryBytes(entry: Entry): Buffer {
	if (entry.type !== 9) return valueBytes(entry.type, entry.value);
	return Buffer.concat([
		u32(entry.of),
		u64(entry.value.length),
		...entry.value.map((value) => valueBytes(entry.of, value)),
	]);
}

function valueBytes(type: number, value: string | number | boolean): Buffer {
	if (type === 8) return textBytes(String(value));
	if (type === 7) return Buffer.from([Number(value)]);
	const bytes = Buffer.alloc(4);
	if (type === 6) bytes.writeFloatLE(Number(value));
	else bytes.writeInt32LE(Number(value) | 0);
	return bytes;
}

function textBytes(value: string): Buffer {
	const bytes = Buffer.from(value);
	return Buffer.concat([u64(bytes.length), bytes]);
}

export function u32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value);
	return bytes;
}

export function u64(value: number | bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(BigInt(value));
	return bytes;
}

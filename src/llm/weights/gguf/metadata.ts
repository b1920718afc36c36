/** The metadata of a GGUF file: keys with typed values. Source: ggml, docs/gguf.md. */
import { shown, UserError } from '../../../core/errors.ts';
import { type ByteCursor, damaged } from './byteCursor.ts';

/** Whole numbers above 2^53 stay bigint. */
export type MetadataScalar = string | number | bigint | boolean;
export type MetadataValue = MetadataScalar | readonly MetadataScalar[];
export type Metadata = ReadonlyMap<string, MetadataValue>;

const longestKey = 2 ** 16 - 1;
const [textType, arrayType] = [8, 9];

/** Scalars by their number in the file: bytes, and how they are read. */
const scalars: Readonly<Record<number, { readonly bytes: number; readonly read: (bytes: Buffer) => MetadataScalar }>> =
	{
		0: { bytes: 1, read: (bytes) => bytes.readUInt8() },
		1: { bytes: 1, read: (bytes) => bytes.readInt8() },
		2: { bytes: 2, read: (bytes) => bytes.readUInt16LE() },
		3: { bytes: 2, read: (bytes) => bytes.readInt16LE() },
		4: { bytes: 4, read: (bytes) => bytes.readUInt32LE() },
		5: { bytes: 4, read: (bytes) => bytes.readInt32LE() },
		6: { bytes: 4, read: (bytes) => bytes.readFloatLE() },
		7: { bytes: 1, read: (bytes) => bytes.readUInt8() !== 0 },
		10: { bytes: 8, read: (bytes) => narrowed(bytes.readBigUInt64LE()) },
		11: { bytes: 8, read: (bytes) => narrowed(bytes.readBigInt64LE()) },
		12: { bytes: 8, read: (bytes) => bytes.readDoubleLE() },
	};

function narrowed(value: bigint): number | bigint {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}

/** Returns so many entries. Throws `UserError` for a key that is there twice, an unknown type, or a list of lists. */
export function readMetadata(cursor: ByteCursor, count: number): Metadata {
	const metadata = new Map<string, MetadataValue>();
	for (let i = 0; i < count; i++) {
		const key = cursor.text('a key of its metadata', longestKey);
		if (metadata.has(key)) throw damaged(cursor.file, `has the metadata key ${shown(key)} twice`);
		const what = `the metadata ${shown(key)}`;
		const type = cursor.u32(`the type of ${what}`);
		metadata.set(key, type === arrayType ? readList(cursor, what) : readScalar(cursor, type, what));
	}
	return metadata;
}

function readScalar(cursor: ByteCursor, type: number, what: string): MetadataScalar {
	if (type === textType) return cursor.text(what);
	const scalar = scalarOf(cursor, type, what);
	return scalar.read(cursor.bytes(scalar.bytes, what));
}

function readList(cursor: ByteCursor, what: string): MetadataScalar[] {
	const type = cursor.u32(`the type of the entries of ${what}`);
	if (type === arrayType) throw damaged(cursor.file, `has a list of lists for ${what}, which nothing here needs`);
	const least = type === textType ? 8 : scalarOf(cursor, type, what).bytes;
	const count = cursor.u64(`the number of entries of ${what}`);
	if (count * least > cursor.left) {
		throw damaged(cursor.file, `announces ${count} entries for ${what}, but only ${cursor.left} bytes follow`);
	}
	const list: MetadataScalar[] = [];
	for (let i = 0; i < count; i++) list.push(readScalar(cursor, type, what));
	return list;
}

function scalarOf(cursor: ByteCursor, type: number, what: string) {
	const scalar = scalars[type];
	if (scalar === undefined) throw damaged(cursor.file, `has ${what} of the unknown type ${type}`);
	return scalar;
}

/** Reads metadata by key, each of a type that the caller names. Throws `UserError` where it is of another. */
export interface MetadataReader {
	readonly file: string;
	/** All keys. */
	readonly keys: readonly string[];
	text(key: string): string | undefined;
	number(key: string): number | undefined;
	flag(key: string): boolean | undefined;
	texts(key: string): readonly string[] | undefined;
	numbers(key: string): readonly number[] | undefined;
	/** The value as it is, or undefined. */
	value(key: string): MetadataValue | undefined;
}

/** Returns a reader of metadata; `file` is named where a value is not what it has to be. */
export function metadataReader(file: string, metadata: Metadata): MetadataReader {
	const checked = <T extends MetadataValue>(kind: string, isKind: (value: MetadataValue) => value is T) => {
		return (key: string): T | undefined => {
			const value = metadata.get(key);
			if (value === undefined || isKind(value)) return value;
			throw new UserError(`${file}: the metadata ${key} is ${readable(value)}, not ${kind}. Convert the model again.`);
		};
	};
	const isText = (value: MetadataValue): value is string => typeof value === 'string';
	const isNumber = (value: MetadataValue): value is number => typeof value === 'number';
	return {
		file,
		keys: [...metadata.keys()],
		text: checked('text', isText),
		number: checked('a number', isNumber),
		flag: checked('true or false', (value): value is boolean => typeof value === 'boolean'),
		texts: checked('a list of texts', (value): value is string[] => Array.isArray(value) && value.every(isText)),
		numbers: checked('a list of numbers', (value): value is number[] => Array.isArray(value) && value.every(isNumber)),
		value: (key) => metadata.get(key),
	};
}

/** Returns a value for a message. */
export function readable(value: MetadataValue): string {
	return shown(value, 60);
}

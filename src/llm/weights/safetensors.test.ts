import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InternalError, UserError } from '../../core/errors.ts';
import { duplicateKey } from './jsonKeys.ts';
import { elementCount, readAsFloat32, readSafetensorsHeader, readTensor } from './safetensors.ts';
import { type TensorToWrite, writeSafetensors } from './safetensorsWriter.ts';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the path of a file with this header text and that many zero bytes after it. */
function rawFile(header: string, dataLength: number, headerLength = header.length): string {
	const bytes = Buffer.alloc(8 + header.length + dataLength);
	bytes.writeBigUInt64LE(BigInt(headerLength));
	bytes.write(header, 8);
	const file = join(folder, 'raw.safetensors');
	writeFileSync(file, bytes);
	return file;
}

const floats = (shape: number[], begin: number, end: number): object => ({
	dtype: 'F32',
	shape,
	data_offsets: [begin, end],
});

describe('reading what was written', () => {
	const tensors = {
		bytes: { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) },
		flags: { dtype: 'BOOL', shape: [2], data: Uint8Array.of(0, 1) },
		doubles: { dtype: 'F64', shape: [2], data: Float64Array.of(0.1, -1e300) },
		floats: { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
		halves: { dtype: 'F16', shape: [1], data: Uint16Array.of(0x3c00) },
		brains: { dtype: 'BF16', shape: [2, 1], data: Uint16Array.of(0x3f80, 0xc000) },
		longs: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 62n)) },
		integers: { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 7) },
		scalar: { dtype: 'F32', shape: [], data: Float32Array.of(42) },
		empty: { dtype: 'F32', shape: [0, 5], data: new Float32Array(0) },
	} as const satisfies Record<string, TensorToWrite>;
	const file = join(folder, 'all.safetensors');

	it('gives back types, shapes, numbers and metadata', () => {
		writeSafetensors(file, tensors, { format: 'pt', note: 'ä\n"' });
		const header = readSafetensorsHeader(file);
		expect(header.metadata).toEqual({ format: 'pt', note: 'ä\n"' });
		const read = header.tensors.map((entry) => [
			entry.name,
			{ dtype: entry.dtype, shape: entry.shape, data: readTensor(entry) },
		]);
		expect(Object.fromEntries(read)).toEqual(tensors);
	});

	it('aligns every tensor to its element size and writes the same bytes in any order', () => {
		for (const { offset, name } of readSafetensorsHeader(file).tensors) {
			expect(offset % tensors[name as keyof typeof tensors].data.BYTES_PER_ELEMENT).toBe(0);
		}
		const other = join(folder, 'other.safetensors');
		writeSafetensors(other, Object.fromEntries(Object.entries(tensors).reverse()), { note: 'ä\n"', format: 'pt' });
		expect(readFileSync(other).equals(readFileSync(file))).toBe(true);
	});

	it('converts every floating-point type to float32 and refuses the others', () => {
		const entries = new Map(readSafetensorsHeader(file).tensors.map((entry) => [entry.name, entry]));
		const asFloat32 = (name: string): number[] => {
			const entry = entries.get(name);
			if (entry === undefined) throw new Error(`no tensor ${name}`);
			return [...readAsFloat32(entry)];
		};
		expect(asFloat32('halves')).toEqual([1]);
		expect(asFloat32('brains')).toEqual([1, -2]);
		expect(asFloat32('doubles')).toEqual([Math.fround(0.1), -Infinity]);
		expect(asFloat32('scalar')).toEqual([42]);
		expect(() => asFloat32('longs')).toThrow(/tensor "longs" is I64, but floating-point/);
		expect(() => asFloat32('flags')).toThrow(UserError);
	});

	it('holds for any set of float tensors', () => {
		const tensor = fc
			.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
			.map(
				(shape) => ({ dtype: 'F32', shape, data: new Float32Array(elementCount(shape)).fill(shape.length) }) as const,
			);
		// Headers refuse the key "__proto__".
		const names = fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__');
		fc.assert(
			fc.property(fc.dictionary(names, tensor), (record) => {
				const path = join(folder, 'any.safetensors');
				writeSafetensors(path, record);
				const entries = readSafetensorsHeader(path).tensors;
				expect(new Set(entries.map((entry) => entry.name))).toEqual(new Set(Object.keys(record)));
				for (const entry of entries) expect(readTensor(entry)).toEqual(record[entry.name]?.data);
			}),
			{ numRuns: 50 },
		);
	});

	it('leaves no temporary file behind, also when it fails', () => {
		expect(() => writeSafetensors(join(folder, 'absent', 'x.safetensors'), {})).toThrow(UserError);
		expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
	});

	it('refuses data that does not fit its declaration', () => {
		const write = (tensor: TensorToWrite) => (): void =>
			writeSafetensors(join(folder, 'bad.safetensors'), { w: tensor });
		expect(write({ dtype: 'F32', shape: [3], data: Float32Array.of(1) })).toThrow(InternalError);
		expect(write({ dtype: 'F16', shape: [1], data: Float32Array.of(1) })).toThrow(/F16 was given as Float32Array/);
	});

	it('reports a file that was cut after its header was read', () => {
		const header = readSafetensorsHeader(file);
		const cut = join(folder, 'cut.safetensors');
		writeFileSync(cut, readFileSync(file).subarray(0, -1));
		const last = header.tensors.at(-1);
		if (last === undefined) throw new Error('no tensors');
		expect(() => readTensor({ ...last, file: cut })).toThrow(/ends at byte \d+, before byte \d+/);
	});
});

describe('damaged files', () => {
	const entry = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';

	it.each([
		[
			'announces too long a header',
			() => rawFile(entry, 8, 1000),
			/announces a header of 1000 bytes, but only 62 follow/,
		],
		['is no safetensors file', () => rawFile('{}', 0, 2 ** 52), /announces a header of 4503599627370496 bytes/],
		['has no JSON header', () => rawFile('{"a":', 0), /header that is not JSON/],
		['has a header that is no object', () => rawFile('[1]', 0), /not a JSON object/],
		['is cut', () => rawFile(entry, 7), /truncated: tensor "a" ends at byte 70, the file at byte 69/],
		['is too long', () => rawFile(entry, 9), /has 1 bytes that belong to no tensor/],
		['has an unknown dtype', () => rawFile(entry.replace('F32', 'F8_E4M3'), 8), /"a" of unknown dtype "F8_E4M3"/],
		['has an inherited dtype', () => rawFile(entry.replace('F32', 'toString'), 8), /unknown dtype "toString"/],
		[
			'has a wrong length',
			() => rawFile(entry.replace('[2]', '[3]'), 8),
			/8 bytes \(0 to 8\), but F32 of shape \[3\] takes 12/,
		],
		['has a negative size', () => rawFile(entry.replace('[2]', '[-2]'), 8), /shape is \[-2\]/],
		['has a broken shape', () => rawFile(entry.replace('[2]', '[1.5]'), 8), /shape is \[1.5\]/],
		['has three offsets', () => rawFile(entry.replace('0,8', '0,4,8'), 8), /data_offsets are \[0,4,8\]/],
		['has no entry object', () => rawFile('{"a":3}', 8), /whose entry is 3/],
		['has odd metadata', () => rawFile('{"__metadata__":{"a":1}}', 0), /"__metadata__" that is not a map/],
		[
			'repeats a name',
			() => rawFile(entry.replace('{"a"', '{"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a"'), 8),
			/two header entries named "a"/,
		],
	])('is refused when it %s', (_, makeFile, message) => {
		const file = makeFile();
		expect(() => readSafetensorsHeader(file)).toThrow(UserError);
		expect(() => readSafetensorsHeader(file)).toThrow(message);
		expect(() => readSafetensorsHeader(file)).toThrow(file);
	});

	it('is refused when tensors overlap or leave a gap', () => {
		const overlap = JSON.stringify({ a: floats([2], 0, 8), b: floats([2], 4, 12) });
		expect(() => readSafetensorsHeader(rawFile(overlap, 12))).toThrow(/tensor "b" that overlaps/);
		const gap = JSON.stringify({ a: floats([2], 0, 8), b: floats([1], 12, 16) });
		expect(() => readSafetensorsHeader(rawFile(gap, 16))).toThrow(/gap of 4 bytes before tensor "b"/);
	});

	it('is refused in a short message, however deep or long its header is', () => {
		const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
		expect(() => readSafetensorsHeader(rawFile(deep, 0))).toThrow(/whose entry is a value that is nested too deeply/);
		for (const header of [`{"${'n'.repeat(1e6)}":1}`, `{"${String.raw`\"`.repeat(1e6)}":1}`]) {
			expect(() => readSafetensorsHeader(rawFile(header, 0))).toThrow(/^.{200,500}$/);
		}
	});

	it('is told from the pointer that Git LFS leaves in its place', () => {
		const file = join(folder, 'pointer.safetensors');
		writeFileSync(file, `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 2103480\n`);
		expect(() => readSafetensorsHeader(file)).toThrow(UserError);
		expect(() => readSafetensorsHeader(file)).toThrow(
			/pointer\.safetensors: is the pointer that Git LFS leaves.*git lfs pull/u,
		);
	});

	it('is refused when empty or absent', () => {
		const file = join(folder, 'empty.safetensors');
		writeFileSync(file, '');
		expect(() => readSafetensorsHeader(file)).toThrow(/has 0 bytes/);
		expect(() => readSafetensorsHeader(join(folder, 'nothing'))).toThrow(/cannot be opened/);
		expect(() => readSafetensorsHeader(folder)).toThrow(/is not a file/);
	});
});

describe('duplicateKey', () => {
	it('finds repeated keys at every depth and only there', () => {
		expect(duplicateKey('{"a":{"b":1,"b":2}}')).toBe('b');
		expect(duplicateKey('{"a":{"b":1},"c":{"b":2},"b":["a","a"]}')).toBeUndefined();
		expect(duplicateKey('{"\\\\":1,"\\\\\\"":2,"\\"":3,"\\\\":4}')).toBe('\\');
		expect(duplicateKey('{"a":"\\"x\\":{", "x" : 1, "x" :2}')).toBe('x');
	});

	it('accepts every JSON text made from a value', () => {
		// A key "__proto__" is refused whatever it stands for.
		const texts = fc.json().filter((json) => !json.includes('__proto__'));
		fc.assert(fc.property(texts, (json) => duplicateKey(json) === undefined));
	});
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../core/errors.ts';
import { readGgufHeader } from './header.ts';
import { openGgufModel } from './ggufModel.ts';
import { openGguf } from './openGguf.ts';
import { type FileParts, ggufBytes, text, texts, type TestTensor, u32, u64, whole } from './testFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(bytes: Uint8Array, name = 'model.gguf'): string {
	const file = join(folder, name);
	writeFileSync(file, bytes);
	return file;
}

const tensor = (name: string, offset: number, parts: Partial<TestTensor> = {}): TestTensor => {
	return { name, sizes: [32, 2], type: 2, offset, ...parts };
};
/** Two tensors of 36 bytes. */
const small: FileParts = {
	metadata: { 'general.architecture': text('llama'), 'llama.block_count': whole(2), 'a.list': texts(['x', 'é']) },
	tensors: [tensor('first', 0), tensor('second', 64)],
	data: 100,
};

describe('readGgufHeader', () => {
	it('gives metadata, and tensors with their outermost axis first', () => {
		const { metadata, tensors } = readGgufHeader(written(ggufBytes(small)));
		expect(Object.fromEntries(metadata)).toEqual({
			'general.architecture': 'llama',
			'llama.block_count': 2,
			'a.list': ['x', 'é'],
		});
		expect(tensors.map(({ name, type, shape, byteLength }) => ({ name, type, shape, byteLength }))).toEqual([
			{ name: 'first', type: 'Q4_0', shape: [2, 32], byteLength: 36 },
			{ name: 'second', type: 'Q4_0', shape: [2, 32], byteLength: 36 },
		]);
	});

	it('reads version 2 and refuses others, the other byte order with its name', () => {
		expect(readGgufHeader(written(ggufBytes({ version: 2 }))).tensors).toEqual([]);
		expect(() => readGgufHeader(written(ggufBytes({ version: 1 })))).toThrow(/version 1 of GGUF; read are 2 and 3/);
		expect(() => readGgufHeader(written(ggufBytes({ version: 0x03000000 })))).toThrow(/in the other byte order/);
	});

	const broken: readonly [string, FileParts, RegExp][] = [
		['overlapping tensors', { ...small, tensors: [tensor('a', 0), tensor('b', 32)] }, /"b" that overlaps/],
		['two tensors of one name', { ...small, tensors: [tensor('a', 0), tensor('a', 64)] }, /two tensors named "a"/],
		['a crooked place', { ...small, tensors: [tensor('a', 8)] }, /"a" at 8, which is no multiple of 32/],
		['a truncated end', { ...small, data: 99 }, /truncated: the tensor "second" ends at byte/],
		['rows that are no whole blocks', { ...small, tensors: [tensor('a', 0, { sizes: [33, 2] })] }, /blocks of 32/],
		['an empty axis', { ...small, tensors: [tensor('a', 0, { sizes: [0, 2] })] }, /holds nothing/],
		['a huge shape', { tensors: [tensor('a', 0, { sizes: [2 ** 32, 2 ** 32] })] }, /larger than any file/],
		['five axes', { tensors: [tensor('a', 0, { sizes: [1, 1, 1, 1, 1] })] }, /5 axes .* at most 4/],
		[
			'a type that is not read',
			{ tensors: [tensor('a', 0, { type: 16 })] },
			/IQ2_XXS, which is not read\. Possible are F32/,
		],
		['a type that nobody knows', { tensors: [tensor('a', 0, { type: 99 })] }, /unknown \(number 99\)/],
		['a strange alignment', { metadata: { 'general.alignment': whole(24) } }, /24.* no power of two/],
		['a long name', { tensors: [tensor('a'.repeat(65), 0)] }, /name of a tensor of 65 bytes; at most 64/],
	];
	it.each(broken)('refuses %s', (_, parts, message) => {
		expect(() => readGgufHeader(written(ggufBytes(parts)))).toThrow(message);
		expect(() => readGgufHeader(written(ggufBytes(parts)))).toThrow(UserError);
	});

	const head = (tensors: number | bigint, entries: number | bigint, ...rest: Buffer[]): Buffer =>
		Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors), u64(entries), ...rest]);
	const key = Buffer.concat([u64(1), Buffer.from('k')]);
	const raw: readonly [string, Buffer, RegExp][] = [
		['other files', Buffer.from('PK\u0003\u0004 and more'), /begins with "PK.*not with "GGUF"/],
		['an empty file', Buffer.alloc(0), /ends within its first four bytes/],
		['what Git LFS left', Buffer.from('version https://git-lfs'), /pointer that Git LFS leaves/],
		['more tensors than fit', head(2 ** 40, 0), /announces 1099511627776 tensors, but only 8 bytes follow/],
		['more metadata than fits', head(0, 2n ** 63n), /9223372036854775808 for the number of entries/],
		['a long text', head(0, 1, key, u32(8), u64(2 ** 50), Buffer.alloc(20)), /ends within the metadata "k"/],
		[
			'a long list',
			head(0, 1, key, u32(9), u32(4), u64(2 ** 40), Buffer.alloc(20)),
			/1099511627776 entries for the metadata "k"/,
		],
		['lists of lists', head(0, 1, key, u32(9), u32(9), u64(1), Buffer.alloc(20)), /list of lists for the metadata "k"/],
		['an unknown type', head(0, 1, key, u32(77), Buffer.alloc(20)), /metadata "k" of the unknown type 77/],
		[
			'a key that is there twice',
			head(0, 2, key, u32(0), Buffer.from([1]), key, u32(0), Buffer.alloc(20)),
			/"k" twice/,
		],
	];
	it.each(raw)('refuses %s', (_, bytes, message) => {
		expect(() => readGgufHeader(written(bytes))).toThrow(message);
		expect(() => readGgufHeader(written(bytes))).toThrow(folder);
	});

	it('refuses what is no file', () => {
		expect(() => readGgufHeader(folder)).toThrow(/is not a file/);
		expect(() => readGgufHeader(join(folder, 'nowhere.gguf'))).toThrow(/cannot be opened/);
	});
});

describe('openGguf', () => {
	const shard = (number: number, count: number, names: readonly string[]): Buffer =>
		ggufBytes({
			metadata: { 'split.no': whole(number), 'split.count': whole(count), 'split.tensors.count': whole(3) },
			tensors: names.map((name, i) => tensor(name, 64 * i)),
			data: 64 * names.length,
		});
	const shards = (stem: string, second = shard(1, 2, ['b', 'c'])): string => {
		written(second, `${stem}-00002-of-00002.gguf`);
		return written(shard(0, 2, ['a']), `${stem}-00001-of-00002.gguf`);
	};

	it('puts shards together, whichever is named', () => {
		const first = shards('whole');
		expect([...openGguf(first).tensors.keys()]).toEqual(['a', 'b', 'c']);
		expect([...openGguf(first.replace('00001', '00002')).tensors.keys()]).toEqual(['a', 'b', 'c']);
	});

	it('refuses shards that are missing, mixed up, or of another model', () => {
		const missing = written(shard(0, 2, ['a']), 'missing-00001-of-00002.gguf');
		expect(() => openGguf(missing)).toThrow(/missing shards: .*missing-00002-of-00002.gguf/);
		expect(() => openGguf(shards('mixed', shard(0, 2, ['b', 'c'])))).toThrow(
			/says that it is shard 0 .* it is shard 1/,
		);
		expect(() => openGguf(shards('other', shard(1, 2, ['b'])))).toThrow(/hold 2 tensors together, but 3 belong/);
		expect(() => openGguf(shards('double', shard(1, 2, ['a', 'c'])))).toThrow(/tensor of the same name/);
		expect(() => openGguf(written(shard(0, 2, ['a']), 'renamed.gguf'))).toThrow(/names end in -00001-of-00002.gguf/);
	});
});

describe('openGgufModel', () => {
	const model = (metadata: FileParts['metadata']): string => written(ggufBytes({ ...small, metadata: metadata ?? {} }));

	it('names an architecture that is missing or not known, and those that are', () => {
		expect(() => openGgufModel(model({}))).toThrow(/general.architecture is missing\. Known: llama, qwen2/);
		expect(() => openGgufModel(model({ 'general.architecture': text('mamba') }))).toThrow(/"mamba" is not a known/);
	});

	it('names metadata that are missing or of another type', () => {
		const llama = { 'general.architecture': text('llama') };
		expect(() => openGgufModel(model(llama))).toThrow('llama.attention.head_count is missing');
		const wrong = { ...llama, 'llama.attention.head_count': text('many') };
		expect(() => openGgufModel(model(wrong))).toThrow(/llama.attention.head_count is "many", not a number/);
	});

	it('refuses keys that may change the mathematics', () => {
		const keys = ['block_count', 'context_length', 'embedding_length', 'feed_forward_length', 'attention.head_count'];
		const known = Object.fromEntries(keys.map((key) => [`llama.${key}`, whole(2)]));
		const metadata = { 'general.architecture': text('llama'), ...known, 'llama.expert_count': whole(8) };
		const tensors = [tensor('token_embd.weight', 0)];
		const file = written(ggufBytes({ metadata, tensors, data: 64 }));
		expect(() => openGgufModel(file)).toThrow(/not handled: llama.expert_count=8/);
	});
});

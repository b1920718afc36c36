import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from './checkpoint.ts';
import { elementCount, readAsFloat32, readTensor } from './safetensors.ts';
import { writeSafetensors } from './safetensorsWriter.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'checkpoint-')));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string): string => join(import.meta.dirname, '../../../fixtures', name);

/** Returns a new folder with two shards, a and b, and this index. */
function shardedFolder(name: string, weightMap: unknown): string {
	const path = join(folder, name);
	mkdirSync(path);
	const tensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
	writeSafetensors(join(path, 'one.safetensors'), { a: tensor });
	writeSafetensors(join(path, 'two.safetensors'), { b: tensor });
	writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
	return path;
}

describe('fixtures', () => {
	it('opens a single file', () => {
		const { tensors, rootFolder } = openCheckpoint(fixture('llama3'));
		expect(rootFolder).toBe(realpathSync(fixture('llama3')));
		const embedding = tensors.get('model.embed_tokens.weight');
		expect(embedding?.dtype).toBe('F32');
		for (const entry of tensors.values()) {
			const data = readAsFloat32(entry);
			expect(data.length).toBe(elementCount(entry.shape));
			expect(data.every(Number.isFinite)).toBe(true);
		}
	});

	it('opens the same model in BF16 shards', () => {
		const { tensors } = openCheckpoint(fixture('llama3_bf16_sharded'));
		expect(new Set([...tensors.values()].map((entry) => entry.dtype))).toEqual(new Set(['BF16']));
		expect(new Set([...tensors.values()].map((entry) => entry.file)).size).toBe(3);
		for (const entry of tensors.values()) {
			expect(readAsFloat32(entry)).toHaveLength(elementCount(entry.shape));
			expect(readTensor(entry)).toBeInstanceOf(Uint16Array);
		}
	});
});

describe('links of a hub cache', () => {
	it('resolves files and finds the folder that holds them all', () => {
		const blobs = join(folder, 'models--o--m', 'blobs');
		const snapshot = join(folder, 'models--o--m', 'snapshots', 'abc');
		mkdirSync(snapshot, { recursive: true });
		mkdirSync(blobs);
		cpSync(join(fixture('llama3'), 'model.safetensors'), join(blobs, 'f00d'));
		symlinkSync('../../blobs/f00d', join(snapshot, 'model.safetensors'));
		const { rootFolder, tensors } = openCheckpoint(snapshot);
		expect(rootFolder).toBe(blobs);
		expect([...tensors.values()].every((entry) => relative(rootFolder, entry.file) === 'f00d')).toBe(true);
	});

	it('names a link whose file was never downloaded', () => {
		const snapshot = join(folder, 'interrupted');
		mkdirSync(snapshot);
		symlinkSync('../blobs/cafe', join(snapshot, 'model.safetensors'));
		expect(() => openCheckpoint(snapshot)).toThrow(
			/model.safetensors: is a link to ..\/blobs\/cafe, which is not there/,
		);
		const path = shardedFolder('interrupted-shards', { a: 'one.safetensors', b: 'two.safetensors' });
		rmSync(join(path, 'two.safetensors'));
		symlinkSync('../blobs/cafe', join(path, 'two.safetensors'));
		expect(() => openCheckpoint(path)).toThrow(/two.safetensors: is a link to/);
	});

	it('finds the common folder of files in different places', () => {
		const path = shardedFolder('spread', { a: 'one.safetensors', b: 'two.safetensors' });
		const elsewhere = join(folder, 'elsewhere', 'deep');
		mkdirSync(elsewhere, { recursive: true });
		writeFileSync(join(elsewhere, 'blob'), readFileSync(join(path, 'two.safetensors')));
		rmSync(join(path, 'two.safetensors'));
		symlinkSync(join(elsewhere, 'blob'), join(path, 'two.safetensors'));
		expect(openCheckpoint(path).rootFolder).toBe(folder);
	});
});

describe('an index that disagrees with its shards is refused', () => {
	it.each([
		[
			'missing shard',
			{ a: 'one.safetensors', b: 'two.safetensors', c: 'three.safetensors' },
			/missing shards in .*: three.safetensors/,
		],
		['missing tensor', { a: 'one.safetensors', b: 'two.safetensors', c: 'two.safetensors' }, /do not hold: c in two/],
		['left-over tensor', { a: 'one.safetensors', c: 'two.safetensors' }, /does not place there: b in two/],
		[
			'swapped shards',
			{ a: 'two.safetensors', b: 'one.safetensors' },
			/does not place there: a in one.safetensors, b in two/,
		],
		['path outside', { a: '../one.safetensors' }, /"..\/one.safetensors" is not the name of a file/],
		['folder', { a: '..' }, /"\.\." is not the name of a file/],
		['name no file can have', { a: 'a\0' }, /"a\\u0000" is not the name of a file/],
		['no map', undefined, /unexpected form[^]*weight_map/],
		['map to numbers', { a: 1 }, /unexpected form[^]*weight_map/],
	])('%s', (name, weightMap, message) => {
		const path = shardedFolder(name.replaceAll(' ', '-'), weightMap);
		expect(() => openCheckpoint(path)).toThrow(message);
	});

	it('broken JSON', () => {
		const path = shardedFolder('broken', {});
		writeFileSync(join(path, 'model.safetensors.index.json'), '{');
		expect(() => openCheckpoint(path)).toThrow(/is not JSON/);
	});
});

it('refuses a folder without weights', () => {
	expect(() => openCheckpoint(join(folder, 'nowhere'))).toThrow(/no weights here. Needed is model.safetensors/);
});

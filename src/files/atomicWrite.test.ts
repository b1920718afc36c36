import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeUnfinished, writeChanged, writeWhole, writeWholeSync } from './atomicWrite.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'write-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writing a file whole', () => {
	it('writes once and leaves an equal file alone', async () => {
		const path = join(folder, 's.json');
		expect(await writeChanged(path, 'text')).toBe(true);
		expect(await writeChanged(path, 'text')).toBe(false);
		expect(await writeChanged(path, 'other')).toBe(true);
		expect(await readFile(path, 'utf8')).toBe('other');
		expect(await readdir(folder)).toEqual(['s.json']);
	});

	it('leaves no temporary file where the place cannot be taken', async () => {
		const path = join(folder, 'taken');
		await writeWhole(join(folder, 'a'), '');
		await rm(join(folder, 'a'));
		await import('node:fs/promises').then(({ mkdir }) => mkdir(join(path, 'inner'), { recursive: true }));
		await expect(writeWhole(path, 'text')).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY/u);
		expect(() => writeWholeSync(path, [Buffer.from('text')])).toThrow(/EISDIR|EEXIST|ENOTEMPTY/u);
		expect(await readdir(folder)).toEqual(['taken']);
	});

	it('writes parts in their order', async () => {
		const path = join(folder, 'parts');
		writeWholeSync(path, [Buffer.from('one '), Buffer.from('two')]);
		expect(await readFile(path, 'utf8')).toBe('one two');
	});

	it('lets two writers of one file come through, one after the other', async () => {
		const path = join(folder, 'both');
		await Promise.all(['a', 'b', 'c', 'd'].map((text) => writeWhole(path, text.repeat(1e5))));
		expect(new Set(await readFile(path, 'utf8')).size).toBe(1);
	});

	it('clears what killed writers left, and nothing else', async () => {
		const left = '.report.html.6f1c1f9e-0d3c-4f7e-9a51-0e6c2a3c7f10.tmp';
		for (const name of [left, '.hidden.tmp', 'report.tmp', '.lock.6f1c1f9e-0d3c-4f7e-9a51-0e6c2a3c7f10.tmp']) {
			await writeFile(join(folder, name), '');
		}
		await removeUnfinished(folder);
		expect((await readdir(folder)).toSorted()).toEqual([
			'.hidden.tmp',
			'.lock.6f1c1f9e-0d3c-4f7e-9a51-0e6c2a3c7f10.tmp',
			'report.tmp',
		]);
	});
});

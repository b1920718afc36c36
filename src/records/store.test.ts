import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../core/errors.ts';
import { lockFolder } from '../files/folderLock.ts';
import { outputError } from '../files/outputErrors.ts';
import type { SkippedRecord } from './records.ts';
import { openRecordStore } from './store.ts';

vi.mock(import('../files/folderLock.ts'), { spy: true });

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'records-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (cell: string, reason = 'too long'): SkippedRecord => ({
	kind: 'skipped',
	cell,
	model: 'm',
	dataset: 'd',
	split: 'test',
	epoch: null,
	example: cell,
	gold: null,
	reason,
});
const path = (): string => join(folder, 'records.jsonl');

describe('openRecordStore', () => {
	it('keeps what was appended, in order', async () => {
		const store = await openRecordStore(folder);
		await store.append([record('b'), record('a')]);
		await store.append([record('c')]);
		await store.close();
		const again = await openRecordStore(folder);
		expect([...again.records.keys()]).toEqual(['b', 'a', 'c']);
		expect(again.notes).toEqual([]);
		await again.close();
	});

	it('cuts off a torn last line and says so', async () => {
		const store = await openRecordStore(folder);
		await store.append([record('a')]);
		await store.close();
		const whole = await readFile(path());
		await appendFile(path(), JSON.stringify(record('b')));
		const again = await openRecordStore(folder);
		await again.close();
		expect([...again.records.keys()]).toEqual(['a']);
		expect(again.notes.join()).toContain('cut off in mid-write');
		expect(await readFile(path())).toEqual(whole);
	});

	it('refuses a complete line that is no record, naming file and line', async () => {
		await writeFile(path(), `${JSON.stringify(record('a'))}\nnonsense\n`);
		await expect(openRecordStore(folder)).rejects.toThrow(`${path()}:2: not a record`);
	});

	it('ignores an exact repeat and refuses a contradiction', async () => {
		const line = JSON.stringify(record('a'));
		await writeFile(path(), `${line}\n${line}\n`);
		const store = await openRecordStore(folder);
		expect(store.notes.join()).toContain('1 lines repeat');
		await store.close();
		await writeFile(path(), `${line}\n${JSON.stringify(record('a', 'other'))}\n`);
		await expect(openRecordStore(folder)).rejects.toThrow(/:2: cell a was already recorded in line 1/);
	});

	it('keeps a second run out, and takes over the lock of a process that ended', async () => {
		const store = await openRecordStore(folder);
		await expect(openRecordStore(folder)).rejects.toThrow(/another run/);
		await store.close();
		const ended = { pid: 2 ** 22 + 1, started: '1', host: hostname() };
		await writeFile(join(folder, '.lock'), JSON.stringify(ended));
		const reused = { pid: process.pid, started: 'long ago', host: hostname() };
		await (await openRecordStore(folder)).close();
		await writeFile(join(folder, '.lock'), JSON.stringify(reused));
		if (process.platform === 'linux') await (await openRecordStore(folder)).close();
	});

	it('explains an output folder that cannot be made', async () => {
		await writeFile(join(folder, 'file'), '');
		const opening = openRecordStore(join(folder, 'file', 'out'));
		await expect(opening).rejects.toThrow(UserError);
		await expect(opening).rejects.toThrow(/a part of the path is a file.*--out/);
		await expect(openRecordStore(join(folder, 'file'))).rejects.toThrow(/a part of the path is a file.*--out/);
		if (process.platform === 'linux') await expect(openRecordStore('/proc/out')).rejects.toThrow(/ENOENT.*--out/);
	});

	it('leaves neither a file nor folders that it made where nothing was recorded', async () => {
		await (await openRecordStore(join(folder, 'a', 'b'))).close();
		await expect(readdir(folder)).resolves.toEqual([]);
		await (await openRecordStore(folder)).close();
		await expect(readdir(folder)).resolves.toEqual([]);
	});

	it('makes the folders above the output folder', async () => {
		const store = await openRecordStore(join(folder, 'a', 'b'));
		await store.append([record('a')]);
		await store.close();
		expect(await readFile(join(folder, 'a', 'b', 'records.jsonl'), 'utf8')).toContain('too long');
	});
});

describe('outputError', () => {
	it('says what is kept when the disk is full, and leaves our own errors alone', () => {
		const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
		expect(String(outputError(full, 'out/records.jsonl', 12))).toMatch(/disk is full.*kept \(12 records\).*continues/);
		const ours = new TypeError('x');
		expect(outputError(ours, 'out', 0)).toBe(ours);
	});
});

describe('a folder that cannot be written', () => {
	/** As for a user who may only read; whoever runs the tests may be allowed everything. */
	const refused = (code: string): void =>
		void vi.mocked(lockFolder).mockRejectedValueOnce(Object.assign(new Error(code), { code }));

	it.each(['EACCES', 'EPERM', 'EROFS'])('shows the records it has (%s), and tells that they are safe', async (code) => {
		const store = await openRecordStore(folder);
		await store.append([record('a'), record('b')]);
		await store.close();
		refused(code);
		const again = await openRecordStore(folder);
		expect([...again.records.keys()]).toEqual(['a', 'b']);
		expect(again.notes.join()).toContain('cannot be written: what is there is shown');
		await again.append([]);
		await expect(again.append([record('c')])).rejects.toThrow(/Everything so far is kept \(2 records\)/u);
		await again.close();
	});

	it('is refused where it has no records, or for another reason', async () => {
		refused('EACCES');
		await expect(openRecordStore(folder)).rejects.toThrow(/Nothing had been computed yet/u);
		await writeFile(path(), `${JSON.stringify(record('a'))}\n`);
		refused('ENOSPC');
		await expect(openRecordStore(folder)).rejects.toThrow(/disk is full/u);
	});
});

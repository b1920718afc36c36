import { createHash } from 'node:crypto';
import {
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileDigest } from './fileDigest.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'digest-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const notes = (): string => join(folder, 'cache', 'digests');

/** A file of zeros that is large enough to be remembered. */
function largeFile(): string {
	const path = join(folder, 'weights');
	writeFileSync(path, '');
	truncateSync(path, 17 * 2 ** 20);
	return path;
}

it('is the hash of every byte', () => {
	const path = join(folder, 'small');
	writeFileSync(path, 'some weights');
	expect(fileDigest(path, null)).toBe(createHash('sha256').update('some weights').digest('hex'));
});

it('changes with a byte far from the beginning, also where it was remembered', () => {
	const path = largeFile();
	const before = fileDigest(path, join(folder, 'cache'));
	expect(readdirSync(notes())).toHaveLength(1);
	writeSync(openSync(path, 'r+'), Buffer.from([1]), 0, 1, 16 * 2 ** 20);
	const after = fileDigest(path, join(folder, 'cache'));
	expect(after).not.toBe(before);
	expect(after).toBe(fileDigest(path, null));
});

it('is not worked out again while size, times and inode are the same', () => {
	const path = largeFile();
	fileDigest(path, join(folder, 'cache'));
	const [name = ''] = readdirSync(notes());
	const note = join(notes(), name);
	const kept = JSON.parse(readFileSync(note, 'utf8')) as { sha256: string };
	writeFileSync(note, JSON.stringify({ ...kept, sha256: 'f'.repeat(64) }));
	expect(fileDigest(path, join(folder, 'cache'))).toBe('f'.repeat(64));
	writeFileSync(note, 'torn');
	expect(fileDigest(path, join(folder, 'cache'))).toBe(kept.sha256);
});

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
import { InterruptedError } from '../../core/errors.ts';
import { bytesToHash, fileDigest, fileDigestSync } from './fileDigest.ts';

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

it('is the hash of every byte', async () => {
	const path = join(folder, 'small');
	writeFileSync(path, 'some weights');
	expect(await fileDigest(path, null)).toBe(createHash('sha256').update('some weights').digest('hex'));
});

it('changes with a byte far from the beginning, also where it was remembered', async () => {
	const path = largeFile();
	const before = await fileDigest(path, join(folder, 'cache'));
	expect(readdirSync(notes())).toHaveLength(1);
	writeSync(openSync(path, 'r+'), Buffer.from([1]), 0, 1, 16 * 2 ** 20);
	const after = await fileDigest(path, join(folder, 'cache'));
	expect(after).not.toBe(before);
	expect(after).toBe(await fileDigest(path, null));
});

it('is not worked out again while size, times and inode are the same', async () => {
	const path = largeFile();
	await fileDigest(path, join(folder, 'cache'));
	const [name = ''] = readdirSync(notes());
	const note = join(notes(), name);
	const kept = JSON.parse(readFileSync(note, 'utf8')) as { sha256: string };
	writeFileSync(note, JSON.stringify({ ...kept, sha256: 'f'.repeat(64) }));
	expect(await fileDigest(path, join(folder, 'cache'))).toBe('f'.repeat(64));
	writeFileSync(note, 'torn');
	expect(await fileDigest(path, join(folder, 'cache'))).toBe(kept.sha256);
});

it('tells how much it has read, and lets other work go on meanwhile', async () => {
	const path = largeFile();
	const parts: number[] = [];
	let turns = 0;
	const ticking = setInterval(() => (turns += 1), 0);
	await fileDigest(path, null, (bytes) => {
		parts.push(bytes);
		setImmediate(() => (turns += 1));
	});
	clearInterval(ticking);
	expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(17 * 2 ** 20);
	expect(parts.length).toBeGreaterThan(3);
	expect(turns).toBeGreaterThan(3);
});

it('says how many bytes are to be read, none where the hash is kept', async () => {
	const [path, cache] = [largeFile(), join(folder, 'cache')];
	expect(bytesToHash(path, cache)).toBe(17 * 2 ** 20);
	const hash = fileDigestSync(path, cache);
	expect(bytesToHash(path, cache)).toBe(0);
	await expect(fileDigest(path, cache, () => expect.fail('read again'))).resolves.toBe(hash);
});

it('stops where it is told to, and keeps nothing of it', async () => {
	const [path, cache] = [largeFile(), join(folder, 'cache')];
	const stop = (): never => {
		throw new InterruptedError('Stopped.');
	};
	await expect(fileDigest(path, cache, stop)).rejects.toThrow('Stopped.');
	expect(bytesToHash(path, cache)).toBe(17 * 2 ** 20);
});

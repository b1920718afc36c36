import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileServer, type FileServerOptions, startFileServer } from '../../../test/support/fileServer.ts';
import { startHub } from '../../../test/support/hubServer.ts';
import { UserError } from '../../core/errors.ts';
import { lockFolder } from '../../files/folderLock.ts';
import { defaultRetryPolicy } from '../request.ts';
import { type Fetched, fetchSource } from './fetchSource.ts';
import { type Address, downloadFolder, fetchedFolder, type Source, sourceOf, sourceText } from './source.ts';

const large = randomBytes(300_000);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let home: string;
let server: FileServer | undefined;
let files: Record<string, Buffer>;
beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), 'sources-'));
	files = { 'd/train.csv': large, 'd/test.csv': Buffer.from('a,b\n') };
});
afterEach(async () => {
	rmSync(home, { recursive: true });
	await server?.close();
	server = undefined;
});

const folders = (): { hub: string; downloads: string } => ({ hub: join(home, 'hub'), downloads: join(home, 'own') });
const retryPolicy = { ...defaultRetryPolicy, retries: 2, firstWait: 1, longestWait: 1, timeout: 5000 };

async function fetched(
	hashes: Readonly<Record<string, string | null>>,
	options: Partial<FileServerOptions> = {},
): Promise<{ result: Fetched; source: Source }> {
	server ??= await startFileServer({ files, ...options });
	const addresses = Object.entries(hashes).map(
		([path, hash]): Address => ({ url: `${server?.url}${path}`, sha256: hash }),
	);
	const source: Source = { kind: 'addresses', addresses };
	const access = { endpoint: 'http://nowhere', token: 'hf_secret', retryPolicy, signal: new AbortController().signal };
	return { source, result: await fetchSource(source, { folders: folders(), access, onProgress: () => undefined }) };
}

const unknown = { 'd/train.csv': null, 'd/test.csv': null };

describe('files of the web', () => {
	it('lie in one folder, are known once all are there, and are checked instead of fetched again', async () => {
		const { result, source } = await fetched({ 'd/train.csv': sha256(large), 'd/test.csv': null });
		expect(readdirSync(result.folder).toSorted()).toEqual(['test.csv', 'train.csv']);
		expect(readFileSync(join(result.folder, 'train.csv')).equals(large)).toBe(true);
		expect(fetchedFolder(source, folders())).toBe(result.folder);
		expect(result.files.map(({ isKnown }) => isKnown)).toEqual([true, false]);
		const count = server?.requests.length;
		expect((await fetched(unknown)).result).toMatchObject({ fetched: 0, folder: result.folder });
		expect(server?.requests.length).toBe(count);
	});

	it('are continued where a connection was cut, in this run and the next', async () => {
		const cuts = { 'd/train.csv': [100_000, 50_000, 0, 0, 0] };
		await expect(fetched(unknown, { cuts })).rejects.toThrow(/the same command goes on/u);
		expect(readdirSync(join(home, 'own'), { recursive: true })).not.toContain('sources.json');
		const { result } = await fetched(unknown);
		expect(readFileSync(join(result.folder, 'train.csv')).equals(large)).toBe(true);
		const ranges = (server?.requests ?? []).flatMap(({ range }) => range ?? []);
		expect(ranges.length).toBeGreaterThan(2);
		expect(Number(ranges.at(-1)?.slice(6, -1))).toBeGreaterThan(0);
	});

	it('are begun again where the file has changed meanwhile, or nobody can tell', async () => {
		const changed = randomBytes(200_000);
		await expect(fetched(unknown, { cuts: { 'd/train.csv': [100_000, 0, 0, 0] } })).rejects.toThrow(UserError);
		files['d/train.csv'] = changed;
		const { result } = await fetched(unknown);
		expect(readFileSync(join(result.folder, 'train.csv')).equals(changed)).toBe(true);
		await server?.close();
		server = undefined;
		const untagged = { hasTags: false, cuts: { 'd/train.csv': [100_000] } };
		const again = await fetched(unknown, untagged);
		expect(readFileSync(join(again.result.folder, 'train.csv')).equals(changed)).toBe(true);
		expect((server as FileServer | undefined)?.requests.filter(({ range }) => range !== undefined)).toEqual([]);
	});

	it('are refused with other bytes than others have published, or than came first', async () => {
		await expect(fetched({ 'd/test.csv': sha256(large) })).rejects.toThrow(
			`expected ${sha256(large)}). They were thrown away.`,
		);
		expect(readdirSync(join(home, 'own'), { recursive: true }).filter((name) => name.includes('test.csv'))).toEqual([]);
		const { result, source } = await fetched({ 'd/test.csv': null });
		rmSync(join(result.folder, '..', 'downloaded', 'test.csv'));
		files['d/test.csv'] = Buffer.from('other');
		await expect(fetched({ 'd/test.csv': null })).rejects.toThrow(/Either its authors changed the file/u);
		expect(fetchedFolder(source, folders())).toBe(result.folder);
	});

	it('are mended where the file on disk was damaged', async () => {
		const { result } = await fetched(unknown);
		writeFileSync(join(result.folder, '..', 'downloaded', 'train.csv'), 'damaged');
		expect((await fetched(unknown)).result.fetched).toBe(large.length);
		expect(readFileSync(join(result.folder, 'train.csv')).equals(large)).toBe(true);
	});

	it('are fetched by one process at a time', async () => {
		const { source, result } = await fetched(unknown);
		const unlock = await lockFolder(downloadFolder(source, folders()) ?? '');
		await expect(fetched(unknown)).rejects.toThrow(/another run \(process \d+ on .*\) is writing here/u);
		await unlock();
		expect((await fetched(unknown)).result.folder).toBe(result.folder);
	});

	it.each([
		[[404], /there is nothing at this address \(status 404\)/u],
		[[403], /cannot be fetched: status 403\.$/u],
		[[429, 429, 429], /limits how often it may be asked/u],
		[[500, 500, 500], /status 500\. Try again later/u],
	])('that cannot be had (%j) say why', async (refusals, message) => {
		await expect(fetched(unknown, { refusals })).rejects.toThrow(message);
	});

	it('are asked for again where the server is busy', async () => {
		expect((await fetched(unknown, { refusals: [503] })).result.fetched).toBe(large.length + 4);
	});
});

/** A zip of one stored or deflated file. */
function zipOf(name: string, content: string): Buffer {
	const packed = deflateRawSync(content);
	const common = Buffer.alloc(26);
	common.writeUInt16LE(8, 4);
	common.writeUInt32LE(crc32(content), 10);
	common.writeUInt32LE(packed.length, 14);
	common.writeUInt32LE(Buffer.byteLength(content), 18);
	common.writeUInt16LE(name.length, 22);
	const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
	const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), Buffer.from(name)]);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06');
	end.writeUInt16LE(1, 10);
	end.writeUInt32LE(entry.length, 12);
	end.writeUInt32LE(local.length, 16);
	return Buffer.concat([local, entry, end]);
}

describe('archives', () => {
	it('are unpacked beside plain files, and damaged ones leave nothing that looks complete', async () => {
		files = { 'a/data.zip': zipOf('data/train.jsonl', '{}'), 'notes.csv': Buffer.from('x') };
		const wanted = { 'a/data.zip': null, 'notes.csv': null };
		const { result } = await fetched(wanted);
		expect(readdirSync(result.folder).toSorted()).toEqual(['notes.csv', 'train.jsonl']);
		files['a/broken.zip'] = Buffer.from('<html>');
		const { url = '' } = server ?? {};
		await expect(fetched({ 'a/broken.zip': null })).rejects.toThrow(/broken\.zip: cannot be unpacked/u);
		expect(fetchedFolder(sourceOf([`${url}a/broken.zip`]), folders())).toBeUndefined();
	});

	it('of a dataset of the hub are unpacked outside the cache of the hub', async () => {
		const commit = '0123456789abcdef0123456789abcdef01234567';
		const zips = { 'standard.zip': zipOf('train.jsonl', '{}'), 'rationales.zip': zipOf('test.jsonl', '[]') };
		const content = { ...zips, 'card.json': Buffer.from('{}') };
		const hub = await startHub({ repository: 'org/bios', kind: 'dataset', commit, files: content });
		try {
			const source = sourceOf(['datasets/org/bios']);
			const access = { endpoint: hub.endpoint, token: null, retryPolicy, signal: new AbortController().signal };
			const options = { folders: folders(), access, onProgress: () => undefined };
			const result = await fetchSource(source, options);
			const names = readdirSync(result.folder, { recursive: true }).map(String);
			expect(names.toSorted()).toEqual([
				...['card.json', 'rationales', join('rationales', 'test.jsonl')],
				...['standard', join('standard', 'train.jsonl')],
			]);
			expect(fetchedFolder(source, folders())).toBe(result.folder);
			expect(result.folder.startsWith(folders().downloads)).toBe(true);
			expect(existsSync(join(home, 'hub', 'datasets--org--bios', 'snapshots', commit, 'standard.zip'))).toBe(true);
			expect(await fetchSource(source, options)).toMatchObject({ fetched: 0, folder: result.folder });
		} finally {
			await hub.close();
		}
	});
});

describe('sources', () => {
	it('are datasets of the hub or addresses', () => {
		expect(sourceText(sourceOf(['datasets/org/name']))).toBe('datasets/org/name');
		expect(sourceText(sourceOf(['datasets/org/name@v1']))).toBe('datasets/org/name@v1');
		expect(sourceText(sourceOf(['https://a.org/x.csv', 'https://a.org/y.csv']))).toBe(
			'https://a.org/x.csv https://a.org/y.csv',
		);
		for (const wrong of [
			[],
			['org/name'],
			['https://a.org/x.csv', 'datasets/org/name'],
			['ftp://a.org/x.csv'],
			['https://me:secret@a.org/x'],
		]) {
			expect(() => sourceOf(wrong)).toThrow(/is nothing to fetch data from/u);
		}
		expect(() => sourceOf(['https://a.org/x.csv', 'https://b.org/x.csv'])).toThrow('two files are called "x.csv"');
		expect(() => sourceOf(['https://a.org/', 'https://b.org/x.csv'])).toThrow('does not end with the name of a file');
	});

	it('that were not fetched have no folder', () => {
		for (const text of ['datasets/org/name', 'https://a.org/x.csv']) {
			expect(fetchedFolder(sourceOf([text]), folders())).toBeUndefined();
		}
	});
});

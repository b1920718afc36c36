import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { isArchive, unpack } from './unpack.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Entry {
	readonly name: string;
	readonly content?: string | Buffer;
	readonly type?: string;
	readonly prefix?: string;
}

/** A tar archive as POSIX describes it, written here by the byte. */
function tar(entries: readonly Entry[], end = 1024): Buffer {
	const blocks = entries.flatMap(({ name, content = '', type = '0', prefix = '' }) => {
		const bytes = Buffer.from(content);
		const header = Buffer.alloc(512);
		header.write(name, 0, 100);
		header.write('0000644\0', 100);
		header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
		header.write(type, 156);
		header.write('ustar\x0000', 257);
		header.write(prefix, 345, 155);
		header.fill(' ', 148, 156);
		const sum = header.reduce((total, byte) => total + byte, 0);
		header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
		return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
	});
	return gzipSync(Buffer.concat([...blocks, Buffer.alloc(end)]));
}

interface ZipEntry {
	readonly name: string;
	readonly content: string;
	readonly stored?: boolean;
	readonly crc?: number;
	readonly flags?: number;
}

/** A zip archive as APPNOTE describes it. */
function zip(entries: readonly ZipEntry[], comment = ''): Buffer {
	const local: Buffer[] = [];
	const central: Buffer[] = [];
	let offset = 0;
	for (const { name, content, stored = false, crc = crc32(content), flags = 0 } of entries) {
		const packed = stored ? Buffer.from(content) : deflateRawSync(content);
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(flags, 2);
		common.writeUInt16LE(stored ? 0 : 8, 4);
		common.writeUInt32LE(crc, 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(Buffer.byteLength(content), 18);
		common.writeUInt16LE(Buffer.byteLength(name), 22);
		const [localHead, centralHead, tail] = [
			Buffer.from('PK\x03\x04'),
			Buffer.from('PK\x01\x02\x14\x00'),
			Buffer.alloc(14),
		];
		tail.writeUInt32LE(offset, 10);
		const piece = Buffer.concat([localHead, common, Buffer.from(name), packed]);
		local.push(piece);
		central.push(centralHead, common, tail, Buffer.from(name));
		offset += piece.length;
	}
	const list = Buffer.concat(central);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06');
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(list.length, 12);
	end.writeUInt32LE(offset, 16);
	end.writeUInt16LE(comment.length, 20);
	return Buffer.concat([...local, list, end, Buffer.from(comment)]);
}

async function unpacked(name: string, bytes: Buffer): Promise<Record<string, string>> {
	const file = join(folder, name);
	writeFileSync(file, bytes);
	const target = join(folder, 'out');
	await unpack(file, target);
	const found = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return Object.fromEntries(
		found.map(({ parentPath, name: own }) => {
			const path = join(parentPath, own);
			return [path.slice(target.length + 1), readFileSync(path, 'utf8')];
		}),
	);
}

const large = 'words and more words\n'.repeat(20_000);

describe('tar.gz', () => {
	it('gives files and folders, without the folder that holds everything and what systems add', async () => {
		const archive = tar([
			{ name: 'fever/', type: '5' },
			{ name: 'fever/test.jsonl', content: '{}' },
			{ name: 'fever/._test.jsonl', content: 'fork' },
			{ name: 'fever/docs/Café_(film)', content: large },
			{ name: 'fever/docs/empty' },
		]);
		expect(await unpacked('a.tar.gz', archive)).toEqual({
			'test.jsonl': '{}',
			'docs/Café_(film)': large,
			'docs/empty': '',
		});
	});

	it('knows long names in the three ways in which they are written', async () => {
		const [gnu, pax, prefix] = [`g/${'n'.repeat(150)}`, `p/${'ü'.repeat(100)}`, 'q'.repeat(120)];
		const line = (length: number): string => `${length} path=${pax}\n`;
		const attributes = Buffer.from(line(Buffer.byteLength(line(100))));
		const archive = tar([
			{ name: '././@LongLink', type: 'L', content: `${gnu}\0` },
			{ name: gnu.slice(0, 100), content: '1' },
			{ name: 'PaxHeaders/x', type: 'x', content: Buffer.concat([Buffer.from('20 mtime=1234567890\n'), attributes]) },
			{ name: 'short', content: '2' },
			{ name: 'file', prefix, content: '3' },
			{ name: 'global', type: 'g', content: '11 a=bcdef\n' },
			{ name: 'last', content: '4' },
		]);
		expect(await unpacked('a.tgz', archive)).toEqual({ [gnu]: '1', [pax]: '2', [`${prefix}/file`]: '3', last: '4' });
	});

	it('reads what `tar` writes without the blocks of zeros at its end', async () => {
		expect(await unpacked('a.tar.gz', tar([{ name: 'a', content: 'x' }], 0))).toEqual({ a: 'x' });
	});

	it.each<[string, Buffer, RegExp]>([
		['a path outside', tar([{ name: '../escape', content: 'x' }]), /names the path "\.\.\/escape", outside/u],
		['an absolute path', tar([{ name: '/etc/passwd', content: 'x' }]), /names the path "\/etc\/passwd"/u],
		['a link', tar([{ name: 'a', type: '2' }]), /"a" is a link/u],
		[
			'an end that is missing',
			gzipSync(gunzipSync(tar([{ name: 'a', content: large }])).subarray(0, 5000)),
			/ends too early/u,
		],
		['bytes that are cut', tar([{ name: 'a', content: large }]).subarray(0, 300), /unexpected end of file/u],
		['bytes that are no gzip', Buffer.from('<html>not found</html>'), /incorrect header check/u],
		['bytes that are no tar', gzipSync('not a tar'.repeat(100)), /a header’s sum is wrong/u],
	])('refuses %s', async (_, archive, message) => {
		await expect(unpacked('a.tar.gz', archive)).rejects.toThrow(UserError);
		rmSync(join(folder, 'out'), { recursive: true, force: true });
		await expect(unpacked('a.tar.gz', archive)).rejects.toThrow(message);
	});
});

describe('zip', () => {
	it('gives deflated and stored files, also where a comment follows', async () => {
		const entries = [
			{ name: 'standard/train.jsonl', content: large },
			{ name: 'standard/é.jsonl', content: 'stored', stored: true },
			{ name: 'standard/empty', content: '' },
			{ name: '__MACOSX/standard/._train.jsonl', content: 'fork' },
		];
		expect(await unpacked('a.zip', zip(entries, 'a comment'))).toEqual({
			'train.jsonl': large,
			'é.jsonl': 'stored',
			empty: '',
		});
	});

	it.each<[string, Buffer, RegExp]>([
		['a path outside', zip([{ name: 'a/../../escape', content: 'x' }]), /names the path/u],
		['a wrong sum', zip([{ name: 'a', content: 'x', crc: 1 }]), /"a" in it is damaged/u],
		['an encrypted file', zip([{ name: 'a', content: 'x', flags: 1 }]), /"a" is encrypted/u],
		['an end that is missing', zip([{ name: 'a', content: large }]).subarray(0, 50), /no zip archive/u],
		['a beginning that is missing', zip([{ name: 'a', content: large }]).subarray(10), /damaged/u],
		['bytes that are no zip', Buffer.from('<html>'), /no zip archive/u],
	])('refuses %s', async (_, archive, message) => {
		await expect(unpacked('a.zip', archive)).rejects.toThrow(message);
	});
});

it('knows archives by their names', () => {
	expect(['a.tar.gz', 'b.TGZ', 'c.zip', 'd.tar', 'e.gz', 'f.parquet'].map(isArchive)).toEqual([
		...[true, true, true, false, false, false],
	]);
});

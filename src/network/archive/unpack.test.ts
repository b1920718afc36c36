import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
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
	readonly link?: string;
	/** The field of its length, where that is to lie. */
	readonly size?: string;
}

/** A tar archive as POSIX describes it, written here by the byte. */
function tar(entries: readonly Entry[], end = 1024): Buffer {
	const blocks = entries.flatMap(({ name, content = '', type = '0', prefix = '', link = '', size }) => {
		const bytes = Buffer.from(content);
		const header = Buffer.alloc(512);
		header.write(name, 0, 100);
		header.write('0000644\0', 100);
		header.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
		header.write(type, 156);
		header.write(link, 157, 100);
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
	readonly content: string | Buffer;
	readonly stored?: boolean;
	readonly crc?: number;
	readonly flags?: number;
	/** Of Unix: kind and rights. */
	readonly mode?: number;
	/** The length that the list names, where that is to lie. */
	readonly size?: number;
	/** Where the list says that it begins, where that is to lie. */
	readonly at?: number;
}

/** What the end of a zip archive says of its list. */
interface ZipEnd {
	readonly count?: number;
	readonly length?: number;
	readonly start?: number;
}

/** A zip archive as APPNOTE describes it. */
function zip(entries: readonly ZipEntry[], comment = '', said: ZipEnd = {}): Buffer {
	const local: Buffer[] = [];
	const central: Buffer[] = [];
	let offset = 0;
	for (const { name, content, stored = false, crc = crc32(content), flags = 0, mode = 0, size, at } of entries) {
		const packed = stored ? Buffer.from(content) : deflateRawSync(content);
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(flags, 2);
		common.writeUInt16LE(stored ? 0 : 8, 4);
		common.writeUInt32LE(crc, 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(size ?? Buffer.byteLength(content), 18);
		common.writeUInt16LE(Buffer.byteLength(name), 22);
		const [localHead, centralHead, tail] = [
			Buffer.from('PK\x03\x04'),
			Buffer.from('PK\x01\x02\x14\x00'),
			Buffer.alloc(14),
		];
		tail.writeUInt32LE((mode << 16) >>> 0, 6);
		tail.writeUInt32LE(at ?? offset, 10);
		const piece = Buffer.concat([localHead, common, Buffer.from(name), packed]);
		local.push(piece);
		central.push(centralHead, common, tail, Buffer.from(name));
		offset += piece.length;
	}
	const list = Buffer.concat(central);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06');
	end.writeUInt16LE(said.count ?? entries.length, 8);
	end.writeUInt16LE(said.count ?? entries.length, 10);
	end.writeUInt32LE(said.length ?? list.length, 12);
	end.writeUInt32LE(said.start ?? offset, 16);
	end.writeUInt16LE(comment.length, 20);
	return Buffer.concat([...local, list, end, Buffer.from(comment)]);
}

async function unpacked(name: string, bytes: Buffer, free?: number): Promise<Record<string, string>> {
	const file = join(folder, name);
	writeFileSync(file, bytes);
	const target = join(folder, 'out');
	await (free === undefined ? unpack(file, target) : unpack(file, target, async () => free));
	const found = readdirSync(target, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return Object.fromEntries(
		found.map(({ parentPath, name: own }) => {
			const path = join(parentPath, own);
			return [path.slice(target.length + 1), readFileSync(path, 'utf8')];
		}),
	);
}

/** Two of them have one name. */
const twin = (content: string): { name: string; content: string } => ({ name: 'a', content });

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
		['a link', tar([{ name: 'a', type: '2', link: '/etc' }]), /"a" is a link/u],
		['a hard link', tar([{ name: 'a', type: '1', link: '/etc/passwd' }]), /"a" is a link/u],
		['a device', tar([{ name: 'a', type: '3' }]), /"a" is a device/u],
		['a pipe', tar([{ name: 'a', type: '6' }]), /"a" is a pipe/u],
		['a file with holes', tar([{ name: 'a', type: 'S', content: 'x'.repeat(512) }]), /"a" is a file with holes/u],
		['a name that repeats', tar([twin('first'), twin('second')]), /holds "a" twice/u],
		['a file that is a folder, too', tar([twin('x'), { name: 'a/b', content: 'y' }]), /or as a file and as a folder/u],
		['a length that no disk has', tar([{ name: 'a', size: '77777777777\0' }]), /grows to/u],
		[
			'a name of 2 MiB',
			tar([{ name: 'x', type: 'L', content: 'n'.repeat(2 ** 21) }]),
			/a name in it is 2097152 bytes/u,
		],
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

	it('is not believed how long its list is: memory for 4 GiB is not taken', async () => {
		expect(await unpacked('a.zip', zip([twin('x')], '', { length: 0xff_ff_ff_f0 }))).toEqual({ a: 'x' });
	});

	it('of 22 bytes is refused', async () => {
		await expect(unpacked('b.zip', zip([], '', { length: 0xff_ff_ff_f0 }))).rejects.toThrow(/it holds no files/u);
	});

	it.each<[string, Buffer, RegExp]>([
		['a path outside', zip([{ name: 'a/../../escape', content: 'x' }]), /names the path/u],
		['a wrong sum', zip([{ name: 'a', content: 'x', crc: 1 }]), /"a" in it is damaged/u],
		['an encrypted file', zip([{ name: 'a', content: 'x', flags: 1 }]), /"a" is encrypted/u],
		['an end that is missing', zip([{ name: 'a', content: large }]).subarray(0, 50), /no zip archive/u],
		['a link', zip([{ name: 'l', content: '/etc/passwd', mode: 0o120777 }]), /"l" is a link or a device/u],
		['a name that repeats', zip([twin('first'), twin('second')]), /holds "a" twice/u],
		['a list of more files than there are', zip([twin('x')], '', { count: 60_000 }), /damaged/u],
		['a list that begins outside', zip([twin('x')], '', { start: 4_000_000_000 }), /no zip archive|damaged/u],
		['files that share their bytes', zip([twin(large), { name: 'b', content: large, at: 0 }]), /"a" shares its bytes/u],
		['more bytes than its list names', zip([{ name: 'a', content: large, size: 10 }]), /too many bytes/u],
		['a beginning that is missing', zip([{ name: 'a', content: large }]).subarray(10), /damaged/u],
		['bytes that are no zip', Buffer.from('<html>'), /no zip archive/u],
	])('refuses %s', async (_, archive, message) => {
		await expect(unpacked('a.zip', archive)).rejects.toThrow(message);
	});
});

describe('what an archive grows to', () => {
	const bomb = Buffer.alloc(80 * 2 ** 20);
	const small = [{ name: 'a', content: large }];

	it.each<[string, Buffer]>([
		['a.tar.gz', tar([{ name: 'bomb', content: bomb }])],
		['a.zip', zip([{ name: 'bomb', content: bomb }])],
	])('is limited to 100 times its size, of more than 64 MiB: %s', async (name, archive) => {
		expect(archive.length).toBeLessThan(2 ** 20);
		await expect(unpacked(name, archive)).rejects.toThrow(/grows to more than 64 MiB, 100 times its own size/u);
		expect(readdirSync(folder)).toEqual([name]);
	});

	it.each([
		['a.tar.gz', tar(small)],
		['a.zip', zip(small)],
	])('is compared with the free disk before it is written: %s', async (name, archive) => {
		await expect(unpacked(name, archive, large.length - 1)).rejects.toThrow(/are free\. Make room, or set/u);
		expect(readdirSync(folder)).toEqual([name]);
		expect(await unpacked(name, archive, large.length + 40_000)).toEqual({ a: large });
	});
});

describe('any archive', () => {
	const contents = fc.dictionary(
		fc.stringMatching(/^[a-zé_]{1,8}(?:\/[a-z.]{1,4}x){0,2}$/u),
		fc.string({ maxLength: 2000 }),
		{
			maxKeys: 10,
			noNullPrototype: true,
		},
	);
	/** Files, none of which is a folder of another one, beside one that keeps the outermost folder. */
	const trees = contents
		.filter((files) => Object.keys(files).every((a) => Object.keys(files).every((b) => !b.startsWith(`${a}/`))))
		.map((files) => ({ ...files, 'keep.txt': 'kept' }));
	const entriesOf = (files: Readonly<Record<string, string>>) =>
		Object.entries(files).map(([name, content]) => ({ name, content }));
	const builders = [
		['a.tar.gz', (files: Readonly<Record<string, string>>) => tar(entriesOf(files))],
		['a.zip', (files: Readonly<Record<string, string>>) => zip(entriesOf(files))],
	] as const;

	it.each(builders)('gives back every file: %s', async (name, build) => {
		const holds = async (files: Readonly<Record<string, string>>): Promise<void> => {
			rmSync(join(folder, 'out'), { recursive: true, force: true });
			expect(await unpacked(name, build(files))).toEqual(files);
		};
		await fc.assert(fc.asyncProperty(trees, holds), { numRuns: 30 });
	});

	it.each(builders)(
		'is unpacked or refused in words when its bytes are changed, and nothing lies outside: %s',
		async (name, build) => {
			const changes = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
				minLength: 1,
				maxLength: 8,
			});
			const holds = async (
				files: Readonly<Record<string, string>>,
				changed: [number, number][],
				kept: number,
			): Promise<void> => {
				// Changes below the gzip, too: most others end in its sum.
				const plain = name === 'a.zip' ? build(files) : gunzipSync(build(files));
				for (const [place, value] of changed) plain[Math.floor(place * (plain.length - 1))] = value;
				const bytes = plain.subarray(0, Math.ceil(plain.length * Math.min(1, kept)));
				rmSync(join(folder, 'out'), { recursive: true, force: true });
				const outcome = await unpacked(name, name === 'a.zip' ? bytes : gzipSync(bytes)).catch(
					(error: unknown) => error,
				);
				if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError);
				expect(readdirSync(folder).filter((entry) => entry !== 'out')).toEqual([name]);
			};
			await fc.assert(fc.asyncProperty(trees, changes, fc.double({ min: 0.3, max: 2, noNaN: true }), holds), {
				numRuns: 100,
			});
		},
	);
});

it('knows archives by their names', () => {
	expect(['a.tar.gz', 'b.TGZ', 'c.zip', 'd.tar', 'e.gz', 'f.parquet'].map(isArchive)).toEqual([
		...[true, true, true, false, false, false],
	]);
});

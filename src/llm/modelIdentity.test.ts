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

const identity = (): string => modelIdentity(loadDecoder(folder), null);

it('is that of an equal model elsewhere', () => {
	expect(identity()).toBe(modelIdentity(loadDecoder('fixtures/llama3'), null));
});

it('changes with the last byte of the weights, even where size and time stay', () => {
	const before = identity();
	const file = join(folder, 'model.safetensors');
	const { size, atime, mtime } = statSync(file);
	const last = readFileSync(file).at(-1) ?? 0;
	writeSync(openSync(file, 'r+'), Buffer.from([last ^ 1]), 0, 1, size - 1);
	utimesSync(file, atime, mtime);
	expect(identity()).not.toBe(before);
});

it('changes with every small file', () => {
	for (const name of ['tokenizer.json', 'chat_template.jinja', 'generation_config.json']) {
		const before = identity();
		writeFileSync(join(folder, name), '{}');
		expect(identity(), name).not.toBe(before);
	}
});

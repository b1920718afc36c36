import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeCheckpoint } from './checkpoint.ts';
import { freshState } from './loop.ts';
import { writeFolder } from './writeModel.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'write-'));

it('a folder is made whole, or the one before stays', () => {
	const parent = newFolder();
	const folder = join(parent, 'epoch-01');
	writeFolder(folder, (at) => writeFileSync(join(at, 'a'), 'old'));
	const fail = (): void =>
		writeFolder(folder, (at) => {
			writeFileSync(join(at, 'a'), 'half');
			throw new Error('ENOSPC: no space left on device');
		});
	expect(fail).toThrow('cannot be written (ENOSPC: no space left on device). The last checkpoint is kept');
	expect(readdirSync(parent)).toEqual(['epoch-01']);
	expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old');
});

it('a checkpoint that cannot be written is named', () => {
	const state = { steps: 0, parameters: new Map(), moments: new Map() };
	const file = join(newFolder(), 'gone', 'checkpoint.safetensors');
	expect(() => writeCheckpoint(file, 'id', freshState, state)).toThrow(`${file}: cannot be written`);
});

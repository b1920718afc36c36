import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cutTornEnd, readJsonLines } from './jsonLines.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'lines-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function linesOf(path: string): Promise<{ lines: string[]; bytes: number; wholeBytes: number }> {
	const lines: string[] = [];
	const read = await readJsonLines(path, (text, line) => {
		lines.push(text);
		expect(line).toBe(lines.length);
	});
	return { lines, ...read };
}

describe('readJsonLines', () => {
	it('gives whole lines and the size of what is whole, whatever the file ends in', async () => {
		const path = join(folder, 'a.jsonl');
		const texts = fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')));
		await fc.assert(
			fc.asyncProperty(texts, fc.string(), async (lines, torn) => {
				const end = torn.replaceAll('\n', ' ');
				const whole = lines.map((line) => `${line}\n`).join('');
				await writeFile(path, whole + end);
				expect(await linesOf(path)).toEqual({
					lines,
					bytes: Buffer.byteLength(whole + end),
					wholeBytes: Buffer.byteLength(whole),
				});
			}),
		);
	});

	it('reads lines and characters that lie across its parts', async () => {
		const path = join(folder, 'large.jsonl');
		const long = '€'.repeat(700_000);
		await writeFile(path, `${long}\nshort\n${long}\n`);
		expect((await linesOf(path)).lines).toEqual([long, 'short', long]);
	});

	it('finds nothing in a file that is not there, and passes on what cannot be read', async () => {
		expect(await linesOf(join(folder, 'none'))).toEqual({ lines: [], bytes: 0, wholeBytes: 0 });
		await expect(readJsonLines(folder, () => undefined)).rejects.toThrow(/EISDIR/u);
	});
});

describe('cutTornEnd', () => {
	it('cuts what follows the last line feed', async () => {
		const path = join(folder, 'torn.jsonl');
		await writeFile(path, 'a\nb\nto');
		await cutTornEnd(path, await readJsonLines(path, () => undefined));
		expect(await readFile(path, 'utf8')).toBe('a\nb\n');
	});
});

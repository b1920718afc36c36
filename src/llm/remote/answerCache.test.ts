import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerCache } from './answerCache.ts';

let folder: string;
beforeEach(() => {
	folder = join(mkdtempSync(join(tmpdir(), 'answers-')), 'own', 'answers');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileIn = (): string => {
	const [file] = readdirSync(folder, { recursive: true })
		.map((name) => join(folder, String(name)))
		.filter((name) => statSync(name).isFile());
	return file ?? '';
};

describe('answerCache', () => {
	it('gives back what was kept, and nothing for other requests', async () => {
		await answerCache(folder).set({ b: 1, a: [2] }, { logprob: -0.25 });
		expect(await answerCache(folder).get({ a: [2], b: 1 })).toEqual({ logprob: -0.25 });
		expect(await answerCache(folder).get({ a: [2], b: 2 })).toBeUndefined();
	});

	it.each<[string, (text: string) => string]>([
		['a number that was changed', (text) => text.replace('-0.25', '-0.75')],
		['an answer to another request', (text) => text.replaceAll('"m"', '"n"')],
		['a check that is missing', (text) => text.replace(/,"check":"[^"]*"/u, '')],
		['half a file', (text) => text.slice(0, 20)],
		['another form', () => '[]'],
	])('believes nothing that it did not write: %s', async (_, change) => {
		const cache = answerCache(folder);
		await cache.set({ model: 'm' }, { logprob: -0.25, model: 'm' });
		const text = readFileSync(fileIn(), 'utf8');
		expect(change(text)).not.toBe(text);
		writeFileSync(fileIn(), change(text));
		expect(await cache.get({ model: 'm' })).toBeUndefined();
	});

	it('is open to its owner only, also where the folder was there before', async () => {
		await answerCache(folder).set({}, 1);
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		chmodSync(folder, 0o755);
		await answerCache(folder).set({ other: 1 }, 1);
		expect(statSync(folder).mode & 0o777).toBe(0o700);
	});
});

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InterruptedError, UserError } from '../../core/errors.ts';
import { loadTokenizer } from '../tokenizers/tokenizer.ts';
import { openTokenizer } from './tokenizerClient.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/tokenizers');
const folder = mkdtempSync(join(tmpdir(), 'tokenizer-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns a folder with a fixture's tokenizer of which some settings are replaced. */
function changed(kind: string, settings: object): string {
	const value = JSON.parse(readFileSync(join(fixtures, kind, 'tokenizer.json'), 'utf8')) as object;
	const path = mkdtempSync(join(folder, 'changed-'));
	writeFileSync(join(path, 'tokenizer.json'), JSON.stringify({ ...value, ...settings }));
	return path;
}

const replace = (pattern: object, content = 'x') => ({ normalizer: { type: 'Replace', pattern, content } });

describe('a tokenizer that ends its process', () => {
	it.each<[string, object]>([
		[
			'a template of tokens that are not there',
			{
				post_processor: {
					type: 'TemplateProcessing',
					single: [{ SpecialToken: { id: 'nope', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
					pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
					special_tokens: {},
				},
			},
		],
		['an empty text to replace', replace({ String: '' })],
		['an empty pattern to replace', replace({ Regex: '' })],
		['a fixed length of nothing', { pre_tokenizer: { type: 'FixedLength', length: 0 } }],
	])('is an error that names the file: %s', async (_, settings) => {
		const path = changed('gpt2', settings);
		const used = async (): Promise<unknown> => {
			const tokenizer = await openTokenizer(path);
			try {
				return await tokenizer.encode('some text');
			} finally {
				await tokenizer.close();
			}
		};
		await expect(used()).rejects.toThrow(
			expect.objectContaining({ name: 'UserError', message: expect.stringContaining('tokenizer.json: ') }),
		);
	});

	it('is an error at the text at which it ends, and goes on with the next one', async () => {
		const tokenizer = await openTokenizer(changed('gpt2', replace({ Regex: '(a|a)*$|(a+)+b' })));
		const letters = tokenizer.encode(`${'a'.repeat(60)}c`);
		await expect(letters).rejects.toThrow(
			/tokenizer.json: the tokenizer cannot be used: its process ended when it read a text of 61 characters/,
		);
		await expect(tokenizer.encode('some text')).resolves.toHaveProperty('ids');
		await tokenizer.close();
	});

	it('is an error where it takes without end', async () => {
		const limits = { open: 60_000, call: 1, perMillion: 0 };
		const tokenizer = await openTokenizer(join(fixtures, 'llama3'), undefined, limits);
		await expect(tokenizer.encode('a b '.repeat(200_000))).rejects.toThrow(/took longer than 0.001 seconds/);
		await tokenizer.close();
	});

	it.each(['normalizer.content', 'normalizer.pattern.String'])(
		'is refused for a text of any length in %s',
		async (place) => {
			const long = 'x'.repeat(5_000_000);
			const settings = place.endsWith('content') ? replace({ String: 'a' }, long) : replace({ String: long });
			await expect(openTokenizer(changed('gpt2', settings))).rejects.toThrow(
				`${place} has 5000000 characters; at most 10000 are read`,
			);
		},
	);
});

describe('a tokenizer in a process of its own', () => {
	it.each(['gpt2', 'llama2', 'unigram'])('gives what it gives in this one: %s', async (kind) => {
		const [here, there] = [await loadTokenizer(join(fixtures, kind)), await openTokenizer(join(fixtures, kind))];
		const texts = ['', 'A text.', '  Ünï 👩‍👧 \n', 'a b c'];
		expect(await there.encodeBatch(texts)).toEqual(await here.encodeBatch(texts));
		const { ids } = await here.encode('A text.');
		expect(await there.encode('A text.')).toEqual(await here.encode('A text.'));
		expect(await there.decode(ids)).toBe(await here.decode(ids));
		for (const name of ['vocabularySize', 'specialTokens', 'controlTokens', 'endTokens', 'startText'] as const)
			expect(there[name]).toEqual(here[name]);
		expect([here.processBytes, there.processBytes]).toEqual([0, 90e6 + 3200 * here.vocabularySize]);
		expect(there.fewestTokens('x'.repeat(1000))).toBe(here.fewestTokens('x'.repeat(1000)));
		await there.close();
	});

	it('says what is wrong with a file', async () => {
		await expect(openTokenizer(join(folder, 'nowhere'))).rejects.toThrow(/nowhere: has no tokenizer.json/);
		const lone = changed('gpt2', { model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: '[UNK]' } });
		await expect(
			openTokenizer(lone).then((tokenizer) => tokenizer.encode('some words').finally(() => tokenizer.close())),
		).rejects.toThrow(UserError);
	});

	it('ends with its signal', async () => {
		const stop = new AbortController();
		stop.abort();
		await expect(openTokenizer(join(fixtures, 'gpt2'), stop.signal)).rejects.toThrow(InterruptedError);
	});

	it('is in this process where it comes with the program', async () => {
		const copy = mkdtempSync(join(folder, 'copy-'));
		cpSync(join(import.meta.dirname, '../../../models/tiny-instruct/tokenizer.json'), join(copy, 'tokenizer.json'));
		expect(await openTokenizer(copy)).toHaveProperty('idOf');
	});
});

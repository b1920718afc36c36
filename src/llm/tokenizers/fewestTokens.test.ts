import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestTokens, largestToken } from './fewestTokens.ts';
import { loadTokenizer } from './tokenizer.ts';
import { tokenizerFileSchema } from './tokenizerFile.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/tokenizers');
const pieces = fc.array(
	fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.constantFrom(' '.repeat(64), 'the', '\n\n', 'K', '각', 'é', 'word '.repeat(30)),
	),
);

describe.each(['gpt2', 'llama2', 'llama3', 'qwen', 'unigram'])('%s', (kind) => {
	it('never gives more tokens than a text has', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		await fc.assert(
			fc.asyncProperty(pieces, async (parts) => {
				const text = parts.join('');
				expect(tokenizer.fewestTokens(text)).toBeLessThanOrEqual((await tokenizer.encode(text)).ids.length);
			}),
		);
	});
});

it.each(['gpt2', 'llama2', 'llama3', 'qwen'])(
	'%s: tells that megabytes are more than a context of 1,024',
	async (kind) => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		expect(tokenizer.fewestTokens('word '.repeat(600_000))).toBeGreaterThan(1024);
	},
);

it('counts the bytes of the longest token, added ones included', () => {
	const of = (model: object, more: object = {}) =>
		fewestTokens(
			largestToken(tokenizerFileSchema.parse({ model: { type: 'BPE', ...model }, ...more }), 'byteLevel'),
			'x'.repeat(100),
		);
	expect(of({ vocab: { x: 0, xxxxx: 1 } })).toBe(20);
	expect(of({ vocab: { x: 0 } }, { added_tokens: [{ id: 1, content: 'x'.repeat(50), special: false }] })).toBe(2);
	expect(of({ vocab: { x: 0 } }, { normalizer: { type: 'NFC' } })).toBe(34);
	expect(of({ vocab: { x: 0 } }, { normalizer: { type: 'Strip' } })).toBe(0);
	expect(of({ type: 'WordLevel', vocab: { x: 0 } })).toBe(0);
});

it('does not count white space that an added token takes with it', () => {
	const value = tokenizerFileSchema.parse({
		added_tokens: [{ id: 1, content: '<s>', special: true, rstrip: true }],
		model: { type: 'BPE', vocab: { x: 0 } },
	});
	expect(fewestTokens(largestToken(value, 'byteLevel'), `<s>${' '.repeat(999)}xx`)).toBe(2);
});

it('knows the bundled model, whose vocabulary is the one of its file', async () => {
	const folder = join(import.meta.dirname, '../../../models/tiny-instruct');
	const { model } = tokenizerFileSchema.parse(JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')));
	const longest = Math.max(...Object.keys(model['vocab'] as object).map(({ length }) => length));
	const tokenizer = await loadTokenizer(folder);
	expect(tokenizer.fewestTokens('a'.repeat(3_000_000))).toBeGreaterThanOrEqual(3_000_000 / Math.max(longest, 16));
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Entry, ggufBytes, text, texts, whole, wholes } from '../weights/gguf/testFiles.ts';
import { ggufTokenizerSource, tokenizerFiles } from './ggufTokenizer.ts';
import { loadTokenizer } from './tokenizer.ts';
import { vocabularyMerges } from './vocabularyMerges.ts';

const folder = mkdtempSync(join(tmpdir(), 'gguf-tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface TokenizerJson {
	readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
	readonly model: {
		readonly vocab: Readonly<Record<string, number>>;
		readonly merges: readonly (readonly [string, string])[];
	};
}
const originals = (kind: string): string => `fixtures/tokenizers/${kind}`;
const read = (kind: string): TokenizerJson =>
	JSON.parse(readFileSync(join(originals(kind), 'tokenizer.json'), 'utf8')) as TokenizerJson;

/** Returns what the converter of llama.cpp writes for a tokenizer.json of that kind. */
function metadataOf(kind: string): Record<string, Entry> {
	const { added_tokens: added, model } = read(kind);
	const all = { ...model.vocab, ...Object.fromEntries(added.map(({ id, content }) => [content, id])) };
	const tokens = Object.keys(all).sort((a, b) => (all[a] as number) - (all[b] as number));
	const kindOf = (token: string): number => {
		if (added.some(({ content }) => content === token)) return 3;
		return kind === 'llama2' && /^<0x..>$/u.test(token) ? 6 : 1;
	};
	const bos = added.find(({ content }) => ['<s>', '<|begin_of_text|>'].includes(content));
	return {
		'tokenizer.ggml.tokens': texts(tokens),
		'tokenizer.ggml.token_type': wholes(tokens.map(kindOf)),
		...(bos === undefined ? {} : { 'tokenizer.ggml.bos_token_id': whole(bos.id) }),
		...(kind === 'llama2' ? sentencePiece(tokens, model.merges) : byteLevel(kind, model.merges)),
	};
}

function byteLevel(kind: string, merges: TokenizerJson['model']['merges']): Record<string, Entry> {
	const pre: Readonly<Record<string, string>> = { gpt2: 'gpt-2', llama3: 'llama-bpe', qwen: 'olmo' };
	return {
		'tokenizer.ggml.model': text('gpt2'),
		'tokenizer.ggml.pre': text(pre[kind] ?? ''),
		'tokenizer.ggml.merges': texts(merges.map((pair) => pair.join(' '))),
	};
}

/** A score says when a token is put together: the earlier, the higher. */
function sentencePiece(tokens: readonly string[], merges: TokenizerJson['model']['merges']): Record<string, Entry> {
	const ranks = new Map(merges.map(([left, right], rank) => [left + right, -rank - 1]));
	return {
		'tokenizer.ggml.model': text('llama'),
		'tokenizer.ggml.unknown_token_id': whole(0),
		'tokenizer.ggml.scores': { type: 9, of: 6, value: tokens.map((token) => ranks.get(token) ?? -1e6) },
	};
}

function written(metadata: Record<string, Entry>): string {
	const file = join(mkdtempSync(join(folder, 'model-')), 'model.gguf');
	writeFileSync(file, ggufBytes({ metadata: { 'general.architecture': text('llama'), ...metadata } }));
	return file;
}

describe.each(['gpt2', 'llama2', 'llama3', 'qwen'])('a tokenizer like that of %s', (kind) => {
	it('gives the tokens and spans of the tokenizer.json that the file was made from', async () => {
		const [rebuilt, original] = await Promise.all([
			loadTokenizer(written(metadataOf(kind))),
			loadTokenizer(originals(kind)),
		]);
		const cases = JSON.parse(readFileSync(join(originals(kind), 'expected.json'), 'utf8')) as { text: string }[];
		expect(cases.length).toBeGreaterThan(10);
		for (const { text: sentence } of cases) {
			const encoded = await rebuilt.encode(sentence);
			expect(encoded).toEqual(await original.encode(sentence));
			expect(await rebuilt.decode(encoded.ids)).toBe(await original.decode(encoded.ids));
		}
		expect(rebuilt.startText).toBe(original.startText);
		expect(rebuilt.specialTokens).toEqual(original.specialTokens);
	});
});

it('takes template, special tokens and ends of answers from the file', async () => {
	const source = '{% for m in messages %}{{ bos_token }}{{ m.content }}{% endfor %}';
	const tokenizer = await loadTokenizer(
		written({
			...metadataOf('llama3'),
			'tokenizer.chat_template': text(source),
			'tokenizer.ggml.eos_token_id': whole(5),
			'tokenizer.ggml.add_bos_token': { type: 7, value: false },
		}),
	);
	expect(tokenizer.chatTemplate.render([{ role: 'user', content: 'a' }], { addGenerationPrompt: true })).toBe(
		'<|begin_of_text|>a',
	);
	expect(tokenizer.startText).toBe('');
	// <|eot_id|> is a control token that ends a turn, whatever the file says.
	expect(tokenizer.endTokens).toEqual([1, 5]);
});

it('uses a tokenizer.json that lies in the file', async () => {
	const json = readFileSync('fixtures/tokenizers/gpt2/tokenizer.json', 'utf8');
	const tokenizer = await loadTokenizer(written({ ...metadataOf('llama3'), 'tokenizer.huggingface.json': text(json) }));
	const original = await loadTokenizer('fixtures/tokenizers/gpt2');
	expect(await tokenizer.encode('the man')).toEqual(await original.encode('the man'));
});

it('writes the files of a folder, which load as the same tokenizer', async () => {
	const file = written({ ...metadataOf('llama2'), 'tokenizer.chat_template': text('{{ messages[0].content }}') });
	const target = mkdtempSync(join(folder, 'files-'));
	for (const [name, content] of Object.entries(tokenizerFiles(ggufTokenizerSource(file)))) {
		writeFileSync(join(target, name), content);
	}
	const [here, there] = await Promise.all([loadTokenizer(target), loadTokenizer(file)]);
	expect(await here.encode('the man <s> x')).toEqual(await there.encode('the man <s> x'));
	expect([here.endTokens, here.startText, here.chatTemplate.source]).toEqual([
		there.endTokens,
		there.startText,
		there.chatTemplate.source,
	]);
});

describe('tokenizers that cannot be rebuilt are refused by name', () => {
	it.each([
		[
			'an unknown kind',
			{ 'tokenizer.ggml.model': text('t5') },
			/"t5" is not a known kind of tokenizer\. Known: gpt2, llama/,
		],
		[
			'an unknown pre-tokenizer',
			{ 'tokenizer.ggml.pre': text('sparkle') },
			/pre-tokenizer "sparkle".*not known\. Known: gpt-2/,
		],
		[
			'a pre-tokenizer that is not named',
			{ 'tokenizer.ggml.pre': text('default') },
			/does not say how its tokenizer cuts/,
		],
		['kinds of other tokens', { 'tokenizer.ggml.token_type': wholes([1]) }, /but the kinds of 1 /],
		[
			'a special token beyond the vocabulary',
			{ 'tokenizer.ggml.bos_token_id': whole(99_999) },
			/99999 for tokenizer.ggml.bos/,
		],
		['a merge of one token', { 'tokenizer.ggml.merges': texts(['ab']) }, /merge "ab", which is not two tokens/],
		[
			'a token that is there twice',
			{ 'tokenizer.ggml.tokens': texts(['a', 'a']), 'tokenizer.ggml.token_type': wholes([1, 1]) },
			/"a" twice/,
		],
		['no tokens', { 'tokenizer.ggml.tokens': texts([]) }, /has no tokens/],
	] as const)('%s', async (_, changes, message) => {
		const file = written({ ...metadataOf('gpt2'), ...changes });
		await expect(loadTokenizer(file)).rejects.toThrow(message);
		await expect(loadTokenizer(file)).rejects.toThrow(file);
	});
});

it('puts tokens together from all pairs that spell them, the best and longest first', () => {
	const tokens = ['a', 'b', 'c', 'ab', 'bc', 'abc', '🦷', 'a🦷'];
	expect(vocabularyMerges(tokens, [0, 0, 0, -2, -1, -3, 0, -4])).toEqual([
		['b', 'c'],
		['a', 'b'],
		['ab', 'c'],
		['a', 'bc'],
		['a', '🦷'],
	]);
});

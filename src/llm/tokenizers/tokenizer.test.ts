import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { EncodedText } from '../languageModel.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/tokenizers');
const kinds = ['gpt2', 'llama2', 'llama3', 'qwen', 'unigram'] as const;
const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const caseSchema = z.array(
	z.object({
		text: z.string(),
		ids: z.array(z.int()),
		tokens: z.array(z.string()),
		offsets: z.array(z.tuple([z.int(), z.int()])),
		decoded: z.string(),
	}),
);
type Case = z.infer<typeof caseSchema>[number];

const casesOf = (kind: string): Case[] =>
	caseSchema.parse(JSON.parse(readFileSync(join(fixtures, kind, 'expected.json'), 'utf8')));

/** Returns a tokenizer made from a fixture's files with some settings of its `tokenizer.json` replaced. */
async function altered(kind: string, settings: object, files: Record<string, string> = {}): Promise<Tokenizer> {
	const value: unknown = JSON.parse(readFileSync(join(fixtures, kind, 'tokenizer.json'), 'utf8'));
	const path = mkdtempSync(join(folder, 'altered-'));
	writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(Object.assign(value as object, settings)));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
	return loadTokenizer(path);
}

const slices = (text: string, { spans }: EncodedText): string[] =>
	spans.map(({ start, end }) => text.slice(start, end));

/** Returns the number of code points before a UTF-16 position. */
const codePoints = (text: string, position: number): number => Array.from(text.slice(0, position)).length;

describe.each(kinds)('%s', (kind) => {
	it('gives the reference ids (start tokens left out) and decodes to the reference text', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		const cases = casesOf(kind);
		const encoded = await tokenizer.encodeBatch(cases.map(({ text }) => text));
		const start = (await tokenizer.encode(tokenizer.startText)).ids;
		for (const [index, { text, ids, decoded }] of cases.entries()) {
			expect([...start, ...(encoded[index]?.ids ?? [])]).toEqual(ids);
			expect(await tokenizer.encode(text)).toEqual(encoded[index]);
			expect(await tokenizer.decode(ids)).toBe(decoded);
		}
	});

	it('gives the reference offsets in UTF-16, but nothing to a space the tokenizer put there itself', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		for (const { text, tokens, offsets } of casesOf(kind)) {
			const { spans } = await tokenizer.encode(text);
			const started = offsets.length - spans.length;
			for (const [index, span] of spans.entries()) {
				const isOwnSpace = tokens[index + started] === '▁' && span.end === 0;
				const expected = isOwnSpace ? [0, 0] : offsets[index + started];
				expect([codePoints(text, span.start), codePoints(text, span.end)]).toEqual(expected);
			}
		}
	});

	it('covers any text in order, without gaps', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		const unit = fc.oneof(
			{ weight: 4, arbitrary: fc.constantFrom(' ', 'a', 'dentist', '\n', '▁', "'s", '<s>', '🦷') },
			fc.string({ unit: 'binary' }),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(unit), async (parts) => {
				const text = parts.join('');
				const { spans } = await tokenizer.encode(text);
				let covered = 0;
				for (const { start, end } of spans) {
					expect(start).toBeLessThanOrEqual(end);
					if (kind !== 'unigram' && kind !== 'qwen') expect(start).toBeLessThanOrEqual(covered);
					covered = Math.max(covered, end);
				}
				if (kind !== 'unigram' && kind !== 'qwen') expect(covered).toBe(text.length);
			}),
		);
	});
});

describe.each(kinds)('%s on awkward texts', (kind) => {
	const awkward = [
		...[
			'',
			' ',
			'   ',
			'  the man  ',
			'\t\tx\t',
			'a\r\nb\r\n\r\n',
			'a\u00a0b\u202fc',
			'x 👨‍👩‍👧‍👦 y',
			'🇩🇪🇫🇷',
			'👍🏽👍',
		],
		...[
			'a\u200db\u200cc\u200b',
			'a\ud800b\udc00 c\ud83d',
			'שלום \u202bمرحبا\u202c',
			'\ufeffhello',
			'a\u2028b',
			'▁a ▁▁ b▁',
		],
		...['a\0b', '\ue000\u{f0000}', '\x1b[31m', '<0x41> <unk> <s>', '…—“x”', 'x'.repeat(3000), '🦷'.repeat(500)],
	];

	it('covers them in order, without gaps, and splits no character', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		for (const text of awkward) {
			const { spans } = await tokenizer.encode(text);
			const starts = new Set([text.length, ...characterStarts(text)]);
			let covered = 0;
			for (const { start, end } of spans) {
				expect(start).toBeLessThanOrEqual(covered);
				expect([starts.has(start), starts.has(end)]).toEqual([true, true]);
				covered = Math.max(covered, end);
			}
			expect(covered).toBe(text.length);
		}
	});

	it('leaves no character of a letter with marks that are composed without a token beside it', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, kind));
		const text = 'cafe\u0301 \u1112\u1161\u11ab a\u0308\u0323.';
		const { spans } = await tokenizer.encode(text);
		const words = [...text.matchAll(/\S+/gu)];
		for (const { 0: word, index } of words) {
			expect(spans.some(({ start, end }) => start < index + word.length && end > index)).toBe(true);
		}
		expect(spans.every(({ start, end }) => 0 <= start && start <= end && end <= text.length)).toBe(true);
	});
});

/** Returns where the code points of a text begin; half a pair stands for itself. */
function characterStarts(text: string): number[] {
	let position = 0;
	return Array.from(text, (character) => {
		position += character.length;
		return position - character.length;
	});
}

describe('special tokens', () => {
	it('are recognised where the text spells them, with their own span', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, 'llama3'));
		const text = '🦷<|begin_of_text|>a 🦷<|eot_id|>';
		const encoded = await tokenizer.encode(text);
		expect(encoded.ids).toContain(tokenizer.idOf('<|eot_id|>'));
		const parts = slices(text, encoded).filter((part, index, all) => part !== all[index - 1]);
		expect(parts).toEqual(['🦷', '<|begin_of_text|>', 'a', ' ', '🦷', '<|eot_id|>']);
	});

	it('start a new stretch, which may get a space of its own', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, 'llama2'));
		const text = '<s>a</s> a';
		expect(slices(text, await tokenizer.encode(text))).toEqual(['<s>', 'a', '</s>', '', ' a']);
	});

	it('may take the whitespace beside them', async () => {
		const flags = { single_word: false, normalized: false, special: true };
		const added = [
			{ id: 0, content: '<unk>', lstrip: false, rstrip: false, ...flags },
			{ id: 1, content: '<s>', lstrip: true, rstrip: true, ...flags },
			{ id: 2, content: '</s>', lstrip: false, rstrip: false, ...flags },
		];
		const tokenizer = await altered('llama2', { added_tokens: added });
		const text = 'a  <s>  a</s> a';
		expect(slices(text, await tokenizer.encode(text))).toEqual(['a', '  <s>  ', 'a', '</s>', '', ' a']);
	});

	it('put before a text by the tokenizer are told as text', async () => {
		const startTexts = await Promise.all(
			kinds.map(async (kind) => (await loadTokenizer(join(fixtures, kind))).startText),
		);
		expect(startTexts).toEqual(['', '<s>', '<|begin_of_text|>', '', '']);
	});
});

describe('texts that a normaliser changes', () => {
	it('fall back on the offsets of the tokenizer', async () => {
		const tokenizer = await loadTokenizer(join(fixtures, 'qwen'));
		const text = '🦷 cafe\u0301 a';
		const encoded = await tokenizer.encode(text);
		expect(encoded.ids).toEqual((await tokenizer.encode('🦷 café a')).ids);
		expect(slices(text, encoded)).toEqual(['🦷', '🦷', '🦷', '🦷', ' cafe', ' a']);
		const unigram = await loadTokenizer(join(fixtures, 'unigram'));
		expect(slices('🦷½ a', await unigram.encode('🦷½ a'))).toEqual(['🦷', '🦷', '½', '½', '½', ' ', 'a']);
	});

	it('work for lower case and for a space before the text', async () => {
		const lower = await altered('gpt2', { normalizer: { type: 'Lowercase' } });
		expect(slices('THE man', await lower.encode('THE man')).join('')).toBe('THE man');
		const pre = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
		const spaced = await altered('gpt2', { pre_tokenizer: pre });
		expect(slices('man the', await spaced.encode('man the'))).toEqual(['man', ' the']);
	});
});

describe('tokenizers that cannot be trusted are refused', () => {
	it('when tokens drop characters of the text', async () => {
		const splitting = { type: 'Split', pattern: { String: 'a' }, behavior: 'Removed', invert: false };
		const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
		const tokenizer = await altered('gpt2', {
			pre_tokenizer: { type: 'Sequence', pretokenizers: [splitting, byteLevel] },
		});
		await expect(tokenizer.encode('the man')).rejects.toThrow(
			/tokenizer.json: the tokens .* do not spell the text "the man"/,
		);
		await expect(tokenizer.encodeBatch(['the', 'man'])).rejects.toThrow(UserError);
	});

	it('names the place where tokens and text part, in a long text, too', async () => {
		const splitting = { type: 'Split', pattern: { String: 'q' }, behavior: 'Removed', invert: false };
		const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
		const tokenizer = await altered('gpt2', {
			pre_tokenizer: { type: 'Sequence', pretokenizers: [splitting, byteLevel] },
		});
		const text = `${'the 🦷 man '.repeat(100)}in the quiet country`;
		const place = `at character ${text.indexOf('q') + 1}.`;
		await expect(tokenizer.encode(text)).rejects.toThrow(place);
		await expect(tokenizer.encode(text)).rejects.toThrow('in the quiet country');
	});

	it.each([
		[
			'their kind is unknown',
			{ pre_tokenizer: { type: 'Whitespace' } },
			/cannot be traced back to the text with these steps: Whitespace/,
		],
		['they have no steps', { pre_tokenizer: null }, /these steps: none/],
		[
			'they write bytes while normalising',
			{ normalizer: { type: 'ByteLevel' } },
			/normalizer "ByteLevel" is not supported/,
		],
		['they have no model', { model: 3 }, /unexpected form/],
		['the library does not know a step', { normalizer: { type: 'Sparkle' } }, /is not a tokenizer/],
	])('when %s', async (_, settings, message) => {
		await expect(altered('gpt2', settings)).rejects.toThrow(message);
		await expect(altered('gpt2', settings)).rejects.toThrow(UserError);
	});

	it.each(['tokenizer_config.json', 'generation_config.json', 'chat_template.jinja'])(
		'when %s is a link to a file that was never downloaded',
		async (name) => {
			const path = mkdtempSync(join(folder, 'linked-'));
			cpSync(join(fixtures, 'gpt2', 'tokenizer.json'), join(path, 'tokenizer.json'));
			symlinkSync('../blobs/cafe', join(path, name));
			await expect(loadTokenizer(path)).rejects.toThrow(`${name}: is a link to ../blobs/cafe, which is not there`);
		},
	);

	it('when the file is missing or broken', async () => {
		await expect(loadTokenizer(join(folder, 'nowhere'))).rejects.toThrow(
			/nowhere: has no tokenizer.json. Copy it from .*, or make it with Python/,
		);
		const older = mkdtempSync(join(folder, 'older-'));
		writeFileSync(join(older, 'tokenizer.model'), '');
		await expect(loadTokenizer(older)).rejects.toThrow(/It has tokenizer.model, an older form.*save_pretrained/);
		writeFileSync(join(folder, 'tokenizer.json'), '{"model":');
		await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer.json: is not JSON/);
	});
});

it('takes long texts', async () => {
	const tokenizer = await loadTokenizer(join(fixtures, 'llama3'));
	const text = 'The nurse published a paper. '.repeat(14_000);
	const { spans } = await tokenizer.encode(text);
	expect(spans.at(-1)?.end).toBe(text.length);
});

it('ignores truncation and padding asked for by the file', async () => {
	const truncation = { max_length: 3, strategy: 'LongestFirst', stride: 0, direction: 'Right' };
	const tokenizer = await altered('gpt2', { truncation });
	expect((await tokenizer.encode('the man in the country')).ids.length).toBeGreaterThan(3);
});

it('collects the tokens that end an answer', async () => {
	const tokenizer = await altered(
		'llama3',
		{},
		{
			'generation_config.json': '{"eos_token_id":[9,1]}',
			'config.json': '{"eos_token_id":7}',
			'tokenizer_config.json': '{"eos_token":{"content":"<|begin_of_text|>"}}',
		},
	);
	expect(tokenizer.endTokens).toEqual([0, 1, 7, 9]);
	expect((await loadTokenizer(join(fixtures, 'llama3'))).endTokens).toEqual([]);
});

it('knows its vocabulary', async () => {
	const tokenizer = await loadTokenizer(join(fixtures, 'llama2'));
	expect(tokenizer.specialTokens).toEqual(['<unk>', '<s>', '</s>']);
	expect(tokenizer.idOf('</s>')).toBe(2);
	expect(tokenizer.idOf('no such token')).toBeUndefined();
	expect(tokenizer.vocabularySize).toBeGreaterThan(258);
});

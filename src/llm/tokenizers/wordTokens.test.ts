import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Span } from '../../core/example.ts';
import { whitespaceWords } from '../../core/words.ts';
import { loadTokenizer } from './tokenizer.ts';
import { alignWords } from './wordTokens.ts';

/** Returns consecutive spans of these texts. */
function spansOf(...parts: string[]): Span[] {
	let position = 0;
	return parts.map((part) => ({ start: position, end: (position += part.length) }));
}

describe('alignWords', () => {
	it('gives tokens to words, whatever whitespace they begin with', () => {
		const text = 'The  dentist smiled.';
		const tokens = spansOf('The', ' ', ' dent', 'ist', ' smiled', '.');
		expect(alignWords(text, whitespaceWords(text), tokens)).toEqual({
			tokensOfWord: [[0], [2, 3], [4, 5]],
			sharedTokens: 0,
			wordsWithoutTokens: 0,
		});
	});

	it('gives a token over several words to the largest overlap, the first of equals', () => {
		const words = spansOf('ab', 'cde', 'fg');
		expect(alignWords('abcdefg', words, spansOf('abcde', 'fg'))).toEqual({
			tokensOfWord: [[], [0], [1]],
			sharedTokens: 1,
			wordsWithoutTokens: 1,
		});
		expect(alignWords('abcdefg', words, spansOf('a', 'bc', 'defg')).tokensOfWord).toEqual([[0, 1], [2], []]);
	});

	it('does not count whitespace in an overlap', () => {
		expect(alignWords('a  b', spansOf('a  b').concat(), [{ start: 1, end: 3 }]).tokensOfWord).toEqual([[]]);
		expect(
			alignWords(
				'ab c',
				[
					{ start: 0, end: 2 },
					{ start: 3, end: 4 },
				],
				[{ start: 2, end: 4 }],
			).tokensOfWord,
		).toEqual([[], [0]]);
	});

	it('leaves out tokens around the words and empty ones, and shares a character among its pieces', () => {
		const text = '<s>🦷 x<e>';
		const word = { start: 3, end: 5 };
		const tokens = [
			{ start: 0, end: 3 },
			{ start: 3, end: 3 },
			word,
			word,
			word,
			{ start: 5, end: 7 },
			{ start: 7, end: 10 },
		];
		expect(alignWords(text, [word], tokens).tokensOfWord).toEqual([[2, 3, 4]]);
	});

	it('gives every visible token of whitespace-separated text to exactly one word', () => {
		const cuts = fc.array(fc.constantFrom('a', ' ', 'bc', '  d', 'é.', '\n', '🦷'));
		fc.assert(
			fc.property(cuts, (parts) => {
				const text = parts.join('');
				const given = alignWords(text, whitespaceWords(text), spansOf(...parts)).tokensOfWord.flat();
				const visible = parts.flatMap((part, index) => (part.trim() === '' ? [] : [index]));
				expect(given).toEqual(visible);
			}),
		);
	});
});

it.each(['gpt2', 'llama2', 'llama3', 'qwen', 'unigram'])(
	'finds all words of a text of the %s tokenizer',
	async (kind) => {
		const tokenizer = await loadTokenizer(join(import.meta.dirname, '../../../fixtures/tokenizers', kind));
		const text = "  The nurse ’s patient  didn't come — 🦷 naïve\ncafé .";
		const { spans } = await tokenizer.encode(text);
		const { tokensOfWord, wordsWithoutTokens } = alignWords(text, whitespaceWords(text), spans);
		expect(wordsWithoutTokens).toBe(0);
		for (const [index, word] of whitespaceWords(text).entries()) {
			const inside = tokensOfWord[index]?.map((token) => spans[token]);
			expect(Math.min(...(inside?.map((span) => span?.start ?? -1) ?? []))).toBeGreaterThanOrEqual(word.start - 1);
			expect(Math.max(...(inside?.map((span) => span?.end ?? -1) ?? []))).toBe(word.end);
		}
	},
);

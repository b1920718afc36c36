import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../src/core/random.ts';
import { byteLevelLetters } from '../src/llm/tokenizers/tokenBytes.ts';
import { loadTokenizer, type LoadedTokenizer } from '../src/llm/tokenizers/tokenizer.ts';
import { specialTokens, trainByteLevelBpe } from '../scripts/trainTokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'bpe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const nouns = ['dentist', 'surgeon', 'nurse', 'physician', 'psychologist', 'patient', 'clinic', 'journal'];
const verbs = ['treats', 'studied', 'published', 'graduated', 'enjoys', 'volunteers', 'examines'];
const names = ['Maria', 'Kwame', 'Ingrid', 'Yusuf', 'Elena', 'Tomás'];

/** Returns sentences over a closed lexicon, as a chat. */
function corpus(size: number): string[] {
	const random = seededRandom(1, 'tokenizer');
	const sentence = (): string =>
		`${random.pick(names)} ${random.pick(verbs)} the ${random.pick(nouns)}, who has ${random.integer(90)} of ${random.pick(nouns)}s.`;
	return Array.from(
		{ length: size },
		() => `<|bos|><|user|>${sentence()} ${sentence()}<|end|><|assistant|>${random.pick(nouns)}<|end|>`,
	);
}

async function load(value: object): Promise<LoadedTokenizer> {
	writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(value));
	return loadTokenizer(folder);
}

/** Returns the merges found by counting all pairs of all words anew for every merge. */
function naiveMerges(words: readonly string[], count: number): string[][] {
	const letters = byteLevelLetters();
	const vocabulary = letters.toSorted();
	let split = words.map((word) => Array.from(Buffer.from(word), (byte) => letters[byte] ?? ''));
	const merges: string[][] = [];
	for (let step = 0; step < count; step++) {
		const counts = new Map<string, number>();
		for (const tokens of split) {
			for (let i = 1; i < tokens.length; i++) {
				const key = `${tokens[i - 1]} ${tokens[i]}`;
				counts.set(key, (counts.get(key) ?? 0) + 1);
			}
		}
		const rank = (key: string): number =>
			key.split(' ').reduce((sum, token) => sum * 1e6 + vocabulary.indexOf(token), 0);
		const [best] = [...counts].toSorted(([a, x], [b, y]) => y - x || rank(a) - rank(b));
		if (best === undefined || best[1] < 2) break;
		const pair = best[0].split(' ');
		merges.push(pair);
		vocabulary.push(pair.join(''));
		split = split.map(
			(tokens) =>
				tokens.reduce<{ done: string[]; open: boolean }>(
					({ done, open }, token) =>
						open && done.at(-1) === pair[0] && token === pair[1]
							? { done: [...done.slice(0, -1), pair.join('')], open: false }
							: { done: [...done, token], open: true },
					{ done: [], open: true },
				).done,
		);
	}
	return merges;
}

describe('trainByteLevelBpe', () => {
	it('makes a tokenizer that the library loads, with the asked size and ids', async () => {
		const tokenizer = await load(trainByteLevelBpe(corpus(200), { vocabularySize: 400, specialTokens }));
		expect(tokenizer.vocabularySize).toBe(400);
		expect(specialTokens.map((token) => tokenizer.idOf(token))).toEqual([0, 1, 2, 3, 4]);
		const text = '<|bos|><|user|>Naïve 🦷\n\n  The dentist’s 12345!<|end|>';
		expect(await tokenizer.decode((await tokenizer.encode(text)).ids)).toBe('Naïve 🦷\n\n  The dentist’s 12345!');
	});

	it('makes single tokens of the words of a closed lexicon, with and without the space before them', async () => {
		const tokenizer = await load(trainByteLevelBpe(corpus(2000), { vocabularySize: 1600, specialTokens }));
		for (const word of nouns) {
			expect((await tokenizer.encode(word)).ids).toHaveLength(1);
			expect((await tokenizer.encode(` ${word}`)).ids).toHaveLength(1);
		}
		const answer = await tokenizer.encode('<|assistant|>dentist<|end|>');
		expect(answer.ids).toHaveLength(3);
	});

	it('gives the same tokenizer for the same words, in any order', () => {
		const texts = corpus(100);
		const train = (ordered: string[]): string =>
			JSON.stringify(trainByteLevelBpe(ordered, { vocabularySize: 500, specialTokens }));
		expect(train(texts.toReversed())).toBe(train(texts));
	});

	it('finds the merges of the plain algorithm', () => {
		const words = [
			'aaaa',
			'aaa',
			'banana',
			'bananas',
			'ananas',
			'cab',
			'cabs',
			'é',
			'é',
			'ananas',
			'aaaa',
			'bab',
			'baba',
		];
		const value = trainByteLevelBpe(words, { vocabularySize: 300, specialTokens: [] });
		expect(value).toMatchObject({ model: { merges: naiveMerges(words, 44) } });
	});

	it('stops when nothing occurs twice and refuses a vocabulary without room for the bytes', async () => {
		const tokenizer = await load(trainByteLevelBpe(['abc abd'], { vocabularySize: 1000, specialTokens }));
		expect(tokenizer.vocabularySize).toBe(5 + 256 + 1);
		expect(() => trainByteLevelBpe([], { vocabularySize: 260, specialTokens })).toThrow(/260 is too small.* take 261/);
	});

	it('learns from 20,000 texts in seconds', () => {
		const start = performance.now();
		trainByteLevelBpe(corpus(20_000), { vocabularySize: 2048, specialTokens });
		expect(performance.now() - start).toBeLessThan(10_000);
	});
});

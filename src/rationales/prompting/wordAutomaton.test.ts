import { describe, expect, it } from 'vitest';
import { type Example, segmentOf } from '../../core/example.ts';
import { ListWriter } from '../../llm/generation/listConstraint.ts';
import { loadTokenizer } from '../../llm/tokenizers/tokenizer.ts';
import { type EncodeAnswer, wordAutomaton, type WordAutomaton, wordsListed } from './wordAutomaton.ts';

const exampleOf = (...texts: string[]): Example => ({
	id: 'e1',
	segments: texts.map((text, i) => segmentOf(`s${i}`, text)),
	label: null,
	annotations: [],
});

/** A token per character, its code the id. */
const characters: EncodeAnswer = async (text) => ({
	ids: text.split('').map((character) => character.charCodeAt(0)),
	spans: text.split('').map((_, i) => ({ start: i, end: i + 1 })),
});

async function automatonOf(example: Example, most: number | null = null): Promise<WordAutomaton> {
	const automaton = await wordAutomaton(example, characters, most);
	if (automaton === null) throw new Error('no words');
	return automaton;
}

const idsOf = async (text: string): Promise<readonly number[]> => (await characters(text)).ids;

describe('wordAutomaton', () => {
	it('spells words without outer punctuation and lists each as often as it occurs', async () => {
		const { constraint, places, unspellable } = await automatonOf(exampleOf('“The hip, the hip!', 'The hips — hip'));
		expect(places).toEqual([[0, 4], [1, 3, 7], [2], [5]]);
		expect(constraint.items.map(({ tokens, times }) => [String.fromCharCode(...tokens), times])).toEqual([
			['The', 2],
			['hip', 3],
			['the', 1],
			['hips', 1],
		]);
		expect(String.fromCharCode(...constraint.open, ...constraint.between, ...constraint.close)).toBe('["", ""]');
		expect(constraint.most).toBe(7);
		expect(unspellable).toBe(0);
	});

	it('lists at most k words', async () => {
		expect((await automatonOf(exampleOf('a b c'), 2)).constraint.most).toBe(2);
		expect((await automatonOf(exampleOf('a b c'), 9)).constraint.most).toBe(3);
	});

	it('spells what JSON escapes as JSON does', async () => {
		const { constraint } = await automatonOf(exampleOf('5"-long'));
		expect(String.fromCharCode(...(constraint.items[0]?.tokens ?? []))).toBe('5\\"-long');
	});

	it('leaves out words that share a token with what is around them, and has none where nothing is left', async () => {
		const merging: EncodeAnswer = async (text) => {
			const pieces = [...text.matchAll(/"hip|./gsu)];
			return {
				ids: pieces.map(([piece]) => piece.charCodeAt(0) + 1000 * piece.length),
				spans: pieces.map((piece) => ({ start: piece.index, end: piece.index + piece[0].length })),
			};
		};
		const automaton = await wordAutomaton(exampleOf('hip knee hip'), merging, null);
		expect(automaton?.places).toEqual([[1]]);
		expect(automaton?.unspellable).toBe(2);
		expect(await wordAutomaton(exampleOf('hip'), merging, null)).toBeNull();
		expect(await wordAutomaton(exampleOf('— !'), characters, null)).toBeNull();
	});

	it.each(['llama2', 'llama3', 'qwen', 'gpt2'])('writes lists that read as JSON: %s', async (name) => {
		const tokenizer = await loadTokenizer(`fixtures/tokenizers/${name}`);
		const example = exampleOf('She isn’t a “surgeon”: she repairs hips, hip by hip (2 in 1999).', 'naïve 東京 hip');
		const automaton = await wordAutomaton(example, (text) => tokenizer.encode(text), null);
		expect(automaton?.unspellable).toBe(0);
		if (automaton === null) return;
		const { constraint } = automaton;
		const writer = new ListWriter(constraint, 400);
		const ids: number[] = [];
		for (let step = 0; writer.allowed.size > 0; step++) {
			const allowed = [...writer.allowed].toSorted((a, b) => a - b);
			const token = allowed[step % allowed.length] ?? 0;
			ids.push(token);
			writer.take(token);
		}
		const words = example.segments.flatMap(({ text }) => text.split(' '));
		const listed = wordsListed(automaton, ids).map((word) => (words[word] ?? '').replaceAll(/^\p{P}+|\p{P}+$/gu, ''));
		expect(JSON.parse(await tokenizer.decode(ids))).toEqual(listed);
		expect(listed.length).toBeGreaterThan(0);
	});
});

describe('wordsListed', () => {
	it('takes the next place of a word each time it is listed', async () => {
		const automaton = await automatonOf(exampleOf('hip or hip or hips'));
		expect(wordsListed(automaton, await idsOf('["hip", "hips", "hip", "or"]'))).toEqual([0, 4, 2, 1]);
		expect(wordsListed(automaton, await idsOf('["hip", "hip", "hip"]'))).toEqual([0, 2]);
	});

	it('leaves out a word that is cut off', async () => {
		expect(wordsListed(await automatonOf(exampleOf('hip or hips')), await idsOf('["or", "hi'))).toEqual([1]);
	});
});

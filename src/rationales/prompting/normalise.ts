/**
 * Words as they are compared: without case, outer punctuation and differences of apostrophes or code points (docs/methods.md
 * C.3).
 */
import { exampleWords } from '../../core/example.ts';
import type { Example, Word } from '../../core/example.ts';
import { type WordRule, wordsOf } from '../../core/words.ts';
import { itemAt, lastOf } from '../../core/present.ts';

/** One or more words of the text that stand together without white space, and what they are compared by. */
export interface Unit {
	readonly key: string;
	readonly segment: number;
	/** Word numbers; empty for units of a text that is not part of the example. */
	readonly words: readonly number[];
	readonly isPunctuation: boolean;
}

/** Returns what a word is compared by: NFKC, case folded, outer punctuation stripped; punctuation alone is kept. */
export function keyOf(text: string): { readonly key: string; readonly isPunctuation: boolean } {
	const unified = text.replaceAll(/[’‘‛ʼ′`´]/gu, "'").normalize('NFKC');
	const folded = unified.toUpperCase().toLowerCase();
	const stripped = folded.replaceAll(/^[\p{P}\s]+|[\p{P}\s]+$/gu, '');
	return stripped === '' ? { key: folded, isPunctuation: true } : { key: stripped, isPunctuation: false };
}

/** Returns the keys of the words of an item; punctuation is left out unless the item is nothing else. */
export function itemKeys(text: string): { readonly keys: readonly string[]; readonly isPunctuation: boolean } {
	const all = wordTexts(text).map(keyOf);
	const words = all.filter((piece) => !piece.isPunctuation);
	return { keys: (words.length > 0 ? words : all).map(({ key }) => key), isPunctuation: words.length === 0 };
}

/** Returns the units of a text outside the example: the instruction, a title, a verbalizer. */
export function unitsOfText(text: string, rule?: WordRule): Unit[] {
	return wordTexts(text, rule).map((piece) => ({ ...keyOf(piece), segment: -1, words: [] }));
}

/** Returns the words of what a model wrote. */
function wordTexts(text: string, rule?: WordRule): string[] {
	const pieces = text.split(/\s+/u).filter((piece) => piece !== '');
	return pieces.flatMap((piece) => wordsOf(piece, rule).map(({ start, end }) => piece.slice(start, end)));
}

/** Returns one unit per word of an example. */
export function wordUnits(example: Example): Unit[] {
	return exampleWords(example).map((word, number) => ({
		...keyOf(word.text),
		segment: word.segment,
		words: [number],
	}));
}

/**
 * Returns one unit per run of words with no white space between them (`do` + `n't`, `hip` + `-` + `replacement`), for
 * datasets whose words are finer than those a model copies; the punctuation in a run is not among its words.
 */
export function chunkUnits(example: Example): Unit[] {
	const words = exampleWords(example);
	const numbers = words.map((_, number) => number);
	const starts = numbers.filter((number) => !isGlued(words[number - 1], words[number]));
	return starts.map((first, i) => chunkUnit(example, words, numbers.slice(first, starts[i + 1])));
}

function isGlued(before: Word | undefined, word: Word | undefined): boolean {
	return before !== undefined && before.segment === word?.segment && before.span.end === word.span.start;
}

function chunkUnit(example: Example, words: readonly Word[], chunk: readonly number[]): Unit {
	const [first, last] = [itemAt(words, itemAt(chunk, 0)), itemAt(words, lastOf(chunk))];
	const text = itemAt(example.segments, first.segment).text.slice(first.span.start, last.span.end);
	const content = chunk.filter((number) => !keyOf(itemAt(words, number).text).isPunctuation);
	return { ...keyOf(text), segment: first.segment, words: content };
}

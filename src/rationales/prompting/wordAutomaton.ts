/**
 * From an example's words to the lists that a model may write of them: every list is then a valid rationale, and every
 * item of it one word of the text.
 */
import { type Example, exampleWords } from '../../core/example.ts';
import { groupBy } from '../../core/groupBy.ts';
import { itemAt, zip } from '../../core/present.ts';
import { itemsListed } from '../../llm/generation/listConstraint.ts';
import type { EncodedText, TokenIds, ListConstraint } from '../../llm/languageModel.ts';

/** The lists, and what their items stand for. */
export interface WordAutomaton {
	readonly constraint: ListConstraint;
	/** By item number, the numbers of the words it stands for, in reading order. */
	readonly places: readonly (readonly number[])[];
	/** Words with a letter or digit that no tokens of their own spell in a list: these cannot be chosen. */
	readonly unspellable: number;
}

/** Returns the tokens of a text as they follow the beginning of the answer. */
export type EncodeAnswer = (text: string) => Promise<EncodedText>;

/**
 * Returns the lists of at most `most` words (null for any number), each word spelled without outer punctuation and
 * listed at most as often as the text has it; null where no word can be spelled. Words of punctuation alone are left out.
 */
export async function wordAutomaton(
	example: Example,
	encode: EncodeAnswer,
	most: number | null,
): Promise<WordAutomaton | null> {
	const places = placesOfSpellings(example);
	const spelled: { readonly parts: ListParts; readonly words: readonly number[] }[] = [];
	for (const [spelling, words] of places) {
		const parts = await partsOf(spelling, encode);
		if (parts !== null) spelled.push({ parts, words });
	}
	const [first] = spelled;
	if (first === undefined) return null;
	const { open, between, close } = first.parts;
	const items = spelled.map(({ parts, words }) => ({ tokens: parts.item, times: words.length }));
	const possible = spelled.reduce((sum, { words }) => sum + words.length, 0);
	return {
		constraint: { open, items, between, close, most: Math.min(most ?? possible, possible) },
		places: spelled.map(({ words }) => words),
		unspellable: [...places.values()].flat().length - possible,
	};
}

/**
 * Returns the words of generated tokens in listed order: an item listed for the n-th time is its n-th place in the text.
 */
export function wordsListed({ constraint, places }: WordAutomaton, ids: TokenIds): number[] {
	const times = new Map<number, number>();
	return itemsListed(constraint, ids).flatMap((item) => {
		const before = times.get(item) ?? 0;
		times.set(item, before + 1);
		return itemAt(itemAt(places, item), before, 'listing');
	});
}

/** Returns the word numbers of each spelling, in reading order. */
function placesOfSpellings(example: Example): Map<string, number[]> {
	const places: { readonly spelling: string; readonly number: number }[] = [];
	for (const [number, { text }] of exampleWords(example).entries()) {
		const spelling = text.replaceAll(/^\p{P}+|\p{P}+$/gu, '');
		if (/[\p{L}\p{N}]/u.test(spelling)) places.push({ spelling, number });
	}
	const groups = groupBy(places, ({ spelling }) => spelling);
	return new Map([...groups].map(([spelling, group]) => [spelling, group.map(({ number }) => number)]));
}

/** The tokens of `["hip", "hip"]`: `["`, `hip`, `", "`, `"]`. */
interface ListParts {
	readonly open: TokenIds;
	readonly item: TokenIds;
	readonly between: TokenIds;
	readonly close: TokenIds;
}

/** Returns the tokens of a list that names a word twice; null where a token spans a word and what is around it. */
async function partsOf(spelling: string, encode: EncodeAnswer): Promise<ListParts | null> {
	const item = JSON.stringify(spelling).slice(1, -1);
	const [open, between, close] = ['["', '", "', '"]'];
	const texts = [open, item, between, item, close];
	const { ids, spans } = await encode(texts.join(''));
	const found: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];
	for (const [{ start, end }, id] of zip(spans, ids)) {
		const part = partAt(texts, start, end);
		if (part === null) return null;
		itemAt(found, part).push(id);
	}
	const [first, once, middle, again, last] = found;
	const isSame = once.length === again.length && once.every((id, i) => id === again[i]);
	return isSame && once.length > 0 ? { open: first, item: once, between: middle, close: last } : null;
}

/** Returns the number of the text, of those put together, that the span lies in; null where it lies in several. */
function partAt(texts: readonly string[], start: number, end: number): number | null {
	let from = 0;
	for (const [part, text] of texts.entries()) {
		const to = from + text.length;
		if (start < to) return end <= to ? part : null;
		from = to;
	}
	return null;
}

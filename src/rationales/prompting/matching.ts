/** Which words of the text the items of an answer stand for (docs/methods.md C.3, C.4). */
import { editDistance } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { ParsedAnswer } from '../../prompts/answerParsing.ts';
import { chunkUnits, itemKeys, keyOf, unitsOfText, wordUnits } from './normalise.ts';
import type { Unit } from './normalise.ts';

/**
 * `ok`: every item matched; `partial`: some did; `empty_match`: none did; `no_rationale`: the model listed nothing, or
 * said `none` and the text has no such word.
 */
export type AnswerStatus = 'ok' | 'partial' | 'empty_match' | 'no_rationale';

/** A listed item no word of the text matches; `out_of_span`: it occurs in the instruction, a title or a verbalizer. */
export interface UnmatchedItem {
	readonly text: string;
	readonly kind: 'not_in_text' | 'out_of_span';
}

export interface AnswerMatch {
	readonly status: AnswerStatus;
	/**
	 * Word numbers in listed order, each once, with the place in the list (0 first) of the item that named it first.
	 */
	readonly matched: readonly { readonly word: number; readonly rank: number }[];
	/** Length of the list. */
	readonly listed: number;
	readonly unmatched: readonly UnmatchedItem[];
	/** Items of several words that occur in the text, but not together. */
	readonly splitPhrases: number;
	/** Different items that occur more often in the text than in the list. */
	readonly ambiguous: number;
	/** Items matched with one edit. */
	readonly respelled: number;
}

/** Least share of the words of a phrase that must occur for these to be matched one by one. */
const PHRASE_SHARE = 0.8;
/** Shortest word that may differ by one edit. */
const SPELLING_LENGTH = 5;

/** Returns the match of an answer with the words of an example. */
export function matchAnswer(answer: ParsedAnswer, task: Task, example: Example, options: MatchingOptions): AnswerMatch {
	const texts: Texts = { levels: [wordUnits(example), chunkUnits(example)], outside: outsideUnits(task) };
	const finds = answer.items.map(({ text }) => findItem(text, task, example, texts, options));
	const unmatched = finds.flatMap((find) => (find.kind === 'unmatched' ? [find.item] : []));
	const found = finds.map((find) => (find.kind === 'unmatched' ? [] : find.parts));
	const { ranks, listings } = assign(found, options);
	return {
		status: statusOf(answer, ranks.size, unmatched.length),
		matched: [...ranks].map(([word, rank]) => ({ word, rank })),
		listed: answer.items.length,
		unmatched,
		splitPhrases: finds.filter((find) => find.kind === 'split').length,
		ambiguous: [...listings.values()].filter(({ times, places }) => places > times).length,
		respelled: finds.filter((find) => find.kind === 'respelled').length,
	};
}

/** Returns (n - rank) / n for matched words and 0 for all others [W], n the length of the list. */
export function scoresOfMatch(match: AnswerMatch, wordCount: number): number[] {
	const scores = Array.from({ length: wordCount }, () => 0);
	for (const { word, rank } of match.matched) scores[word] = (match.listed - rank) / match.listed;
	return scores;
}

interface Texts {
	/** The example's words, finest cut first. */
	readonly levels: readonly (readonly Unit[])[];
	/** Per text outside the example. */
	readonly outside: readonly (readonly Unit[])[];
}

/** What is looked for: a sequence of keys in all segments or in one. */
interface Query {
	readonly keys: readonly string[];
	readonly isPunctuation: boolean;
	readonly segment: number | null;
}

/** A sequence of keys and the words at each place where it occurs, in reading order. */
interface Part {
	readonly id: string;
	readonly places: readonly (readonly number[])[];
}

type Find =
	| { readonly kind: 'exact' | 'split' | 'respelled'; readonly parts: readonly Part[] }
	| { readonly kind: 'unmatched'; readonly item: UnmatchedItem };

function findItem(text: string, task: Task, example: Example, texts: Texts, options: MatchingOptions): Find {
	const { segment, rest } = fieldOf(text, task, example);
	const query: Query = { ...itemKeys(rest), segment };
	const exact = partOf(query, texts);
	if (exact.places.length > 0) return { kind: 'exact', parts: [exact] };
	const split = query.keys.length > 1 ? splitParts(query, texts) : [];
	if (split.length > 0) return { kind: 'split', parts: split };
	const respelled = options.spelling ? respelledPart(query, texts) : null;
	if (respelled !== null) return { kind: 'respelled', parts: [respelled] };
	const isOutside = texts.outside.some((units) => placesOf({ ...query, segment: null }, units).length > 0);
	return { kind: 'unmatched', item: { text, kind: isOutside ? 'out_of_span' : 'not_in_text' } };
}

/**
 * Returns the segment an item names (`Premise: man`) and the rest of the item; null and the item where it names none.
 */
function fieldOf(text: string, task: Task, example: Example): { segment: number | null; rest: string } {
	const [, head, rest] = /^([^:]+):\s+(.+)$/su.exec(text) ?? [];
	if (head === undefined || rest === undefined) return { segment: null, rest: text };
	const isNamed = (name: string | undefined): boolean => name !== undefined && keyOf(name).key === keyOf(head).key;
	const segment = example.segments.findIndex(({ name }) => isNamed(name) || isNamed(task.segmentTitles[name]));
	return segment < 0 ? { segment: null, rest: text } : { segment, rest };
}

/** Returns the places of a sequence at the finest cut of the text that has any. */
function partOf(query: Query, texts: Texts): Part {
	const places = texts.levels.map((units) => placesOf(query, units)).find((found) => found.length > 0) ?? [];
	return { id: `${query.segment ?? ''}:${query.keys.join(' ')}`, places };
}

/** Returns the words of each place where the keys follow one another within a segment, punctuation left out. */
function placesOf({ keys, isPunctuation, segment }: Query, units: readonly Unit[]): number[][] {
	if (keys.length === 0) return [];
	const candidates = units.filter(
		(unit) => unit.isPunctuation === isPunctuation && (segment === null || unit.segment === segment),
	);
	return candidates.flatMap((first, start) => {
		const run = candidates.slice(start, start + keys.length);
		const fits = run.length === keys.length && run.every((unit, i) => unit.key === keys[i]);
		return fits && run.every((unit) => unit.segment === first.segment) ? [run.flatMap((unit) => unit.words)] : [];
	});
}

/** Returns the words of a phrase that occur, each as a part; none where fewer than `PHRASE_SHARE` of them do. */
function splitParts(query: Query, texts: Texts): Part[] {
	const parts = query.keys.map((key) => partOf({ ...query, keys: [key] }, texts));
	const occurring = parts.filter((part) => part.places.length > 0);
	return occurring.length / parts.length >= PHRASE_SHARE ? occurring : [];
}

/** Returns the words one edit away from an item of one long word, null where there is none. */
function respelledPart(query: Query, texts: Texts): Part | null {
	const [key, ...others] = query.keys;
	const isLong = (word: string): boolean => word.length >= SPELLING_LENGTH;
	if (key === undefined || others.length > 0 || !isLong(key)) return null;
	const units = itemAt(texts.levels, 0);
	const near = units.filter((unit) => isLong(unit.key) && editDistance(unit.key, key) <= 1);
	const places = near.flatMap((unit) => placesOf({ ...query, keys: [unit.key] }, [unit]));
	return places.length === 0 ? null : { id: `${query.segment ?? ''}:${key}`, places };
}

/** Returns the first rank of every word named, in listed order, and how often each part was listed and occurs. */
function assign(items: readonly (readonly Part[])[], { repeated }: MatchingOptions) {
	const ranks = new Map<number, number>();
	const listings = new Map<string, { readonly times: number; readonly places: number }>();
	for (const [rank, parts] of items.entries()) {
		for (const { id, places } of parts) {
			const before = listings.get(id)?.times ?? 0;
			listings.set(id, { times: before + 1, places: places.length });
			const named = repeated === 'all' ? places : places.slice(before, before + 1);
			for (const word of named.flat()) if (!ranks.has(word)) ranks.set(word, rank);
		}
	}
	return { ranks, listings };
}

function statusOf(answer: ParsedAnswer, matched: number, unmatched: number): AnswerStatus {
	if (matched === 0) return answer.refusal ? 'no_rationale' : 'empty_match';
	return unmatched === 0 ? 'ok' : 'partial';
}

function outsideUnits(task: Task): Unit[][] {
	const texts = [task.instruction, ...Object.values(task.segmentTitles), ...Object.values(task.verbalizers)];
	return texts.map((text) => unitsOfText(text));
}

/** Which place in the text a listed item stands for (docs/methods.md C.3). */
export interface MatchingOptions {
	/** All places where the item occurs, or for each time it is listed the next one in reading order. */
	readonly repeated: 'all' | 'first';
	/** Whether a word of 5 letters or more that occurs nowhere may differ by one edit from a word that does. */
	readonly spelling: boolean;
}

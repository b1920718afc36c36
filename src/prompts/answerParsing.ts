/**
 * Reads the words a model lists in free text (docs/methods.md C.2). The ways of listing are tried in this order: the last
 * JSON array, lines with a bullet or number, quoted items, a comma list after the last colon.
 */
import { itemAt, lastOf, present } from '../core/present.ts';

export interface ParsedItem {
	readonly text: string;
	/** Where the model gave one. */
	readonly score?: number;
}

export interface ParsedAnswer {
	/** In listed order. */
	readonly items: readonly ParsedItem[];
	/** True when there is no list, an empty one, or `none` alone (kept as an item: the text may contain that word). */
	readonly refusal: boolean;
}

/** Returns words as the answer our prompts ask for: `["hip", "replacement"]`. */
export function formatWordList(words: readonly string[]): string {
	return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

/** Returns the items an answer lists. Never throws: an answer that cannot be read has no items. */
export function parseWordList(answer: string): ParsedAnswer {
	const text = withoutFences(answer);
	const items = (lastJsonArray(text) ?? readLines(text)).filter((item) => item.text !== '');
	const [first, ...others] = items;
	return { items, refusal: first === undefined || (others.length === 0 && NOTHING.test(first.text)) };
}

/** Returns the whole answer as one item: the text as the model wrote it again. */
export function parseRewriting(answer: string): ParsedAnswer {
	const text = withoutFences(answer);
	return { items: text === '' ? [] : [{ text }], refusal: text === '' };
}

const NOTHING = /^\W*(none|nothing|n\/a|no words?)\W*$/iu;
const REFUSAL =
	/^\W*((i['’]?m |i am )?(sorry|unable)|i (can ?not|can['’]?t|do(es)? not|don['’]?t|won['’]?t)|as an ai|there (is|are) no|no words?\b)/iu;

function withoutFences(text: string): string {
	return text.replaceAll(/```\w*/gu, '').trim();
}

function readLines(text: string): ParsedItem[] {
	const bulleted = bulletItems(text);
	if (bulleted.length > 0) return bulleted;
	if (REFUSAL.test(text)) return [];
	const quoted = quotedItems(text);
	return quoted.length > 0 ? quoted : commaItems(text);
}

/** Returns the items of the last outermost JSON array of words in the text, null where there is none. */
function lastJsonArray(text: string): ParsedItem[] | null {
	const closing = closingBrackets(text);
	let last: ParsedItem[] | null = null;
	for (let start = text.indexOf('['); start >= 0; ) {
		const end = closing(start);
		const items = end === null ? null : itemsOfJson(text.slice(start, end + 1));
		last = items ?? last;
		start = text.indexOf('[', items === null || end === null ? start + 1 : end + 1);
	}
	return last;
}

/** Lists of words nest two levels; what nests deeper is no list, and is not read again for each of its levels. */
const deepestList = 8;
/** Brackets that are quoted seen from an earlier one need a look of their own; real answers need one or two. */
const mostScans = 16;

/**
 * Returns a function that tells where a bracket closes, brackets inside double quotes left out; null where it does not, or
 * nests too deep. Every bracket that one pass over the text meets is kept, so that the passes are few.
 */
function closingBrackets(text: string): (start: number) => number | null {
	/** By the place of a bracket where it closes; 0: not met yet, -1: it does not. */
	const ends = new Int32Array(text.length);
	let scans = 0;
	return (start) => {
		if (ends[start] === 0 && scans < mostScans) {
			scans += 1;
			scanBrackets(text, start, ends);
		}
		const end = itemAt(ends, start);
		return end > 0 ? end : null;
	};
}

function scanBrackets(text: string, start: number, ends: Int32Array): void {
	const open: { readonly at: number; height: number }[] = [];
	let quoted = false;
	for (let i = start; i < text.length; i++) {
		const character = text[i];
		if (quoted && character === '\\') i++;
		else if (character === '"') quoted = !quoted;
		else if (!quoted && character === '[') {
			if (ends[i] === 0) ends[i] = -1;
			open.push({ at: i, height: 1 });
		} else if (!quoted && character === ']') {
			const closed = open.pop();
			if (closed === undefined) continue;
			if (closed.height <= deepestList && ends[closed.at] === -1) ends[closed.at] = i;
			const outer = open.at(-1);
			if (outer !== undefined) outer.height = Math.max(outer.height, closed.height + 1);
		}
	}
}

/**
 * Returns the items of a JSON array in which every element is a word and not all are bare numbers (`[1]` is a
 * citation).
 */
function itemsOfJson(json: string): ParsedItem[] | null {
	const elements = parseJson(json);
	if (!Array.isArray(elements)) return null;
	const items = elements.map(itemOf);
	const areWords = elements.length === 0 || elements.some((element) => typeof element !== 'number');
	return areWords && items.every((item) => item !== null) ? items : null;
}

function parseJson(json: string): unknown {
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
}

/** Returns the word of one element: `"hip"`, `1999`, `["hip", 0.9]` or `{"word": "hip", "score": 0.9}`. */
function itemOf(element: unknown): ParsedItem | null {
	if (typeof element === 'string' || typeof element === 'number') return { text: String(element).trim() };
	if (Array.isArray(element)) return element.length === 2 ? wordWithScore(element[0], element[1]) : null;
	if (typeof element !== 'object' || element === null) return null;
	return 'word' in element ? wordWithScore(element.word, 'score' in element ? element.score : undefined) : null;
}

function wordWithScore(word: unknown, score: unknown): ParsedItem | null {
	if (typeof word !== 'string') return null;
	return typeof score === 'number' ? { text: word.trim(), score } : { text: word.trim() };
}

/** Returns the lines that start with a bullet or number, without explanations after ` - `, `:` or in parentheses. */
function bulletItems(text: string): ParsedItem[] {
	return [...text.matchAll(/^[ \t]*(?:[-–—•*+]|\(?\d+[.)])[ \t]+(.+)$/gmu)].map((match) => {
		const bare = itemAt(match, 1).replaceAll('**', '').trim();
		const [quoted] = quotedItems(bare);
		return quoted ?? { text: unquoted(itemAt(bare.split(/ [-–—] |:(?=\s|$)| ?\(/u), 0)) };
	});
}

/** Returns everything in quotes; a single quote counts where it cannot be an apostrophe. */
function quotedItems(text: string): ParsedItem[] {
	const quotes = /"([^"\n]+)"|“([^”\n]+)”|‘([^’\n]+)’|`([^`\n]+)`|(?<![\p{L}\p{N}])'([^\n]+?)'(?![\p{L}\p{N}])/gu;
	return [...text.matchAll(quotes)].map((match) => ({
		text: present(match.slice(1).find(Boolean), 'text in quotes').trim(),
	}));
}

/** Longest item, in words, of a list that nothing but commas marks as one: what is longer is a sentence. */
const LONGEST_ITEM = 5;

/** Returns the pieces between commas, `and` and line ends after the last colon. */
function commaItems(text: string): ParsedItem[] {
	const list = lastOf(text.split(/:(?=\s)/u));
	return list
		.split(/[,;\n]\s*(?:and\s+)?|\s+and\s+/u)
		.map((piece) => ({ text: unquoted(piece) }))
		.filter((item) => item.text.split(/\s+/u).length <= LONGEST_ITEM);
}

/** Returns a piece without white space, quotes, brackets, asterisks and a full stop around it. */
function unquoted(piece: string): string {
	return piece.replaceAll(/^[\s"'“”‘’`*[\]()]+|[\s"'“”‘’`*[\]().]+$/gu, '');
}

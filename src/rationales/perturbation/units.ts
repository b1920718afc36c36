/** What is taken away together: words, sentences, segments, or spans of n words. Letters: W words, U units. */
import { type Example, exampleWords, type Word } from '../../core/example.ts';
import { itemAt, zip } from '../../core/present.ts';

/** `word`, `sentence`, `segment`, or a number of consecutive words. */
export type UnitRule = 'word' | 'sentence' | 'segment' | number;

/** Abbreviations and initials, after which a full stop ends no sentence. */
const ABBREVIATION =
	/^\P{L}*(?:\p{L}|Dr|Drs|Mr|Mrs|Ms|Prof|St|Jr|Sr|Rev|Gen|Gov|Capt|Lt|Col|Sgt|Inc|Ltd|Co|vs|est|cf|approx|(?:\p{L}\.)+\p{L})\.$/u;
const SENTENCE_END = /[.!?…。！？]["'”’»)\]]*$/u;
/** Quotes and brackets on their own, as tokenised texts have them after the full stop. */
const CLOSERS = /^["'”’»)\]]+$/u;
const LOWER_CASE = /^\P{L}*\p{Ll}/u;

/**
 * Returns the words of each unit [U], in reading order. Only `eligible` words (those with a token) take part; a unit
 * without one is left out. No unit crosses a segment; spans are counted from the start of their segment.
 */
export function unitsOf(rule: UnitRule, example: Example, eligible: readonly number[]): number[][] {
	const words = exampleWords(example);
	const starts = unitStarts(rule, example, words);
	const isEligible = new Set(eligible);
	const units: number[][] = [];
	for (const number of words.keys()) {
		if (starts[number] === true) units.push([]);
		if (isEligible.has(number)) units.at(-1)?.push(number);
	}
	return units.filter((unit) => unit.length > 0);
}

/**
 * Returns scores per word [W] from scores per unit [U]: each word of a unit gets an equal part, so that sums stay what
 * they are (completeness), and the k best words are those of the units with the largest score per word. Null for a word
 * in no unit.
 */
export function spreadOverWords(
	unitScores: readonly number[],
	units: readonly (readonly number[])[],
	wordCount: number,
): (number | null)[] {
	const scores: (number | null)[] = Array.from({ length: wordCount }, () => null);
	for (const [unit, score] of zip(units, unitScores)) {
		for (const word of unit) scores[word] = score / unit.length;
	}
	return scores;
}

/** Returns for each word [W] whether a unit begins with it. */
function unitStarts(rule: UnitRule, example: Example, words: readonly Word[]): boolean[] {
	const firstOfSegment = words.map((word, i) => word.segment !== words[i - 1]?.segment);
	if (rule === 'word') return words.map(() => true);
	if (rule === 'segment') return firstOfSegment;
	if (rule === 'sentence') return firstOfSegment.map((first, i) => first || startsSentence(example, words, i));
	let place = 0;
	return firstOfSegment.map((first) => {
		place = first ? 0 : place + 1;
		return place % rule === 0;
	});
}

/**
 * A sentence begins after a full stop, question or exclamation mark (with closing quotes or brackets, also as words of
 * their own), unless the word is an abbreviation or an initial or the next one is in lower case; and on a new line.
 */
function startsSentence({ segments }: Example, words: readonly Word[], number: number): boolean {
	const word = words[number];
	const previous = words[number - 1];
	if (word === undefined || previous === undefined) return true;
	const gap = itemAt(segments, word.segment).text.slice(previous.span.end, word.span.start);
	if (/[\n\r\u2028\u2029]/u.test(gap)) return true;
	if (CLOSERS.test(word.text) || LOWER_CASE.test(word.text)) return false;
	const last = words.slice(0, number).findLast(({ text, segment }) => segment !== word.segment || !CLOSERS.test(text));
	return last !== undefined && SENTENCE_END.test(last.text) && !ABBREVIATION.test(last.text);
}

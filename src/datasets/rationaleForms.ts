/** Readers of the ways in which files tell which words are marked. */
import { shown as shownValue } from '../core/errors.ts';
import type { Segment, Span } from '../core/example.ts';
import { isBlank, isBlankAt, trimEnd } from '../core/whiteSpace.ts';
import { RowProblem } from './badRows.ts';
import { parseJson } from './rawRows.ts';
import type { RationaleForm, RationaleSpec } from './tableSpec.ts';

type FormReader = (cell: unknown, segment: Segment, unit: RationaleSpec['unit']) => Span[];

const FORMS: Readonly<Record<RationaleForm, FormReader>> = {
	binary_words: binaryWords,
	word_indices: wordIndices,
	marked_spans: (cell, segment) => markedSpans(String(cell), segment.text),
	char_spans: charSpans,
};

/** Returns the spans of a segment that a cell marks. Throws a `RowProblem` where the two do not fit. */
export function readRationale(cell: unknown, segment: Segment, { form, unit }: RationaleSpec): Span[] {
	return FORMS[form](cell, segment, unit);
}

function binaryWords(cell: unknown, { words }: Segment): Span[] {
	const flags = numbersOf(cell);
	if (flags.some((flag) => flag !== 0 && flag !== 1)) {
		throw new RowProblem('rationale', `rationale has values other than 0 and 1: ${shown(cell)}`);
	}
	if (flags.length !== words.length) {
		throw new RowProblem('rationale', `rationale has ${flags.length} values; the text has ${words.length} words`);
	}
	return words.filter((_, number) => flags[number] === 1);
}

function wordIndices(cell: unknown, { words }: Segment): Span[] {
	const chosen = new Set(numbersOf(cell));
	const outside = [...chosen].find((index) => !(Number.isInteger(index) && index >= 0 && index < words.length));
	if (outside !== undefined) {
		throw new RowProblem('rationale', `rationale names word ${outside}; the text has words 0 to ${words.length - 1}`);
	}
	return words.filter((_, number) => chosen.has(number));
}

/** Returns the numbers of a list, or of a text such as `[1, 2]`, `1 2` or `{}`. */
function numbersOf(cell: unknown): number[] {
	const items: readonly unknown[] = Array.isArray(cell)
		? cell
		: String(cell)
				.replace(/^\s*[[{(]|[\]})]\s*$/gu, '')
				.split(/[\s,;]+/u)
				.filter((item) => item !== '');
	const numbers = items.map((item) => (item === '' || item === null ? NaN : Number(item)));
	if (numbers.some(Number.isNaN)) throw new RowProblem('rationale', `rationale is no list of numbers: ${shown(cell)}`);
	return numbers;
}

/**
 * Returns the spans between pairs of asterisks. The marked copy must say the same as the text, white space aside; an
 * asterisk that the text has in that place is part of the text.
 */
function markedSpans(marked: string, text: string): Span[] {
	const spans: Span[] = [];
	let opened: number | null = null;
	let at = 0;
	for (const [index, character] of marked.split('').entries()) {
		if (isBlank(character)) continue;
		while (isBlankAt(text, at)) at++;
		if (text.charAt(at) === character) {
			at++;
		} else if (character !== '*') {
			throw new RowProblem(
				'rationale',
				`marked text differs from the text at ${shown(marked.slice(index, index + 20))}`,
			);
		} else if (opened === null) {
			opened = at;
		} else if (opened === at) {
			throw new RowProblem(
				'rationale',
				`marked text has nothing between two asterisks at ${shown(marked.slice(index))}`,
			);
		} else {
			spans.push({ start: opened, end: trimEnd(text.slice(0, at)).length });
			opened = null;
		}
	}
	if (opened !== null) throw new RowProblem('rationale', 'marked text has an asterisk without its pair');
	if (!isBlank(text.slice(at)))
		throw new RowProblem('rationale', `marked text ends before ${shown(text.slice(at, at + 20))}`);
	return spans;
}

function charSpans(cell: unknown, { text }: Segment, unit: RationaleSpec['unit']): Span[] {
	const pairs = typeof cell === 'string' ? parseJson(cell) : cell;
	if (!Array.isArray(pairs)) throw new RowProblem('rationale', `rationale is no list of [start, end]: ${shown(cell)}`);
	const offsets = unit === 'code_points' ? codePointOffsets(text) : null;
	const length = offsets === null ? text.length : offsets.length - 1;
	return pairs.map((pair: unknown) => {
		if (!isPair(pair)) throw new RowProblem('rationale', `rationale is no list of [start, end]: ${shown(cell)}`);
		const [start, end] = pair;
		if (!(start >= 0 && start < end && end <= length)) {
			throw new RowProblem('rationale', `rationale has the span [${start}, ${end}]; the text has ${length} characters`);
		}
		const span = { start: offsets?.[start] ?? start, end: offsets?.[end] ?? end };
		if (!isBlank(text.slice(span.start, span.end))) return span;
		throw new RowProblem('rationale', `rationale has the span [${start}, ${end}], where the text has no word`);
	});
}

function isPair(value: unknown): value is [number, number] {
	return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}

/** Returns the offset in UTF-16 code units of every code point, and of the end. */
function codePointOffsets(text: string): number[] {
	const offsets = [0];
	let end = 0;
	for (const character of text) offsets.push((end += character.length));
	return offsets;
}

function shown(value: unknown): string {
	const text = typeof value === 'string' ? value : shownValue(value, 60);
	return `"${text.length > 61 ? `${text.slice(0, 60)}…` : text}"`;
}

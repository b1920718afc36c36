/**
 * Finds the text that each token came from. Tokens are spelled out as bytes and laid over the bytes of the text, which
 * proves the spans; the tokenizer's own offsets (in code points) serve where tokens are no bytes of the text: special
 * tokens, unknown characters, and text that a normaliser changed. What cannot be explained is an error.
 */
import { UserError } from '../../core/errors.ts';
import type { Span } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import { metaspace, type TokenSpelling, tokenBytes } from './tokenBytes.ts';

/** One token as the tokenizer reports it; `offset` is a range of code points of the text. */
export interface TokenPiece {
	readonly id: number;
	readonly token: string;
	readonly offset: readonly [start: number, end: number];
}

/** What the spans of one tokenizer depend on. */
export interface SpanRules {
	/** The tokenizer's file, for error messages. */
	readonly file: string;
	readonly spelling: TokenSpelling;
	/** Ids of tokens that are found in the text before it is normalised (special and added ones). */
	readonly addedIds: ReadonlySet<number>;
	readonly unknownId: number | undefined;
	/** True when the tokenizer may put a space before a stretch of text. */
	readonly prefixesSpace: boolean;
	readonly normalize: (text: string) => string;
}

/** A stretch of tokens without added tokens: `pieces.slice(from, to)` came from this span of the text. */
interface Stretch {
	readonly from: number;
	readonly to: number;
	readonly span: Span;
}

/**
 * Returns a function from a text and its tokens to the tokens' spans in UTF-16 code units. Tokens that hold a part of a
 * character get the whole character; a space that the tokenizer put there itself gets an empty span.
 * Throws `UserError` when the tokens do not spell the text.
 */
export function spanFinder(rules: SpanRules): (text: string, pieces: readonly TokenPiece[]) => Span[] {
	const bytesOf = tokenBytes(rules.spelling);
	return (text, pieces) => {
		const spans = reportedSpans(text, pieces);
		for (const { from, to, span } of stretches(text.length, pieces, spans, rules)) {
			const tokens = pieces.slice(from, to);
			const bytes = tokens.map(({ token }) => bytesOf(token));
			const section = text.slice(span.start, span.end);
			const proven = provenSpans(section, bytes, rules);
			if (proven === undefined) checkExplained({ section, start: span.start }, tokens, bytes, rules);
			else for (const [index, inner] of proven.entries()) spans[from + index] = shifted(inner, span.start);
		}
		return spans;
	};
}

/** Throws unless a normaliser, or a character the vocabulary lacks, explains why the tokens are not the text's bytes. */
function checkExplained(
	{ section, start }: { readonly section: string; readonly start: number },
	tokens: readonly TokenPiece[],
	bytes: readonly Buffer[],
	rules: SpanRules,
): void {
	if (tokens.some(({ id }) => id === rules.unknownId)) return;
	if (matchingSpelling(rules.normalize(section), bytes, rules) !== undefined) return;
	const place = firstDifference(section, tokens, bytes, rules);
	throw new UserError(
		`${rules.file}: the tokens ${shortened(place.tokens)} do not spell the text ${shortened(place.text)} they were made ` +
			`from, at character ${start + place.character + 1}. Scores of its words would be wrong, so this tokenizer cannot be used.`,
	);
}

/** Characters and tokens that a message shows around the place it is about. */
const shownAround = 20;

/** Returns where text and tokens part: the place in the section, counted from 0, and what stands there. */
function firstDifference(
	section: string,
	tokens: readonly TokenPiece[],
	bytes: readonly Buffer[],
	rules: SpanRules,
): { character: number; text: string; tokens: string } {
	const spelled = Buffer.from(spellingOf(section, rules));
	const given = Buffer.concat(bytes);
	const space = rules.prefixesSpace ? Buffer.from(spaceOf(rules)) : Buffer.alloc(0);
	const origin =
		given.subarray(0, space.length).equals(space) && !spelled.subarray(0, space.length).equals(space)
			? space.length
			: 0;
	let same = 0;
	while (same < spelled.length && spelled[same] === given[origin + same]) same++;
	const character = characterOfByte(spellingOf(section, rules), 0)[same]?.start ?? section.length;
	let [index, end] = [0, 0];
	while (index < bytes.length - 1 && end + itemAt(bytes, index).length <= origin + same)
		end += itemAt(bytes, index++).length;
	return {
		character,
		text: section.slice(Math.max(0, character - shownAround), character + shownAround),
		tokens: tokens
			.slice(Math.max(0, index - 3), index + 4)
			.map(({ token }) => token)
			.join(' '),
	};
}

function shortened(text: string): string {
	return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Returns the tokenizer's own offsets in UTF-16 code units. */
function reportedSpans(text: string, pieces: readonly TokenPiece[]): Span[] {
	const starts: number[] = [];
	let position = 0;
	for (const character of text) {
		starts.push(position);
		position += character.length;
	}
	const at = (index: number): number => starts[index] ?? text.length;
	return pieces.map(({ offset: [start, end] }) => ({ start: at(start), end: at(end) }));
}

/** Returns the stretches between added tokens, empty ones included. */
function stretches(length: number, pieces: readonly TokenPiece[], spans: readonly Span[], rules: SpanRules): Stretch[] {
	const found: Stretch[] = [];
	let from = 0;
	let start = 0;
	for (const [index, { id }] of pieces.entries()) {
		const span = spans[index];
		if (span === undefined || id === rules.unknownId || !rules.addedIds.has(id)) continue;
		found.push({ from, to: index, span: { start, end: span.start } });
		from = index + 1;
		start = span.end;
	}
	return [...found, { from, to: pieces.length, span: { start, end: length } }];
}

/** Returns each token's span in the section when their bytes are the section's, with or without a space before it. */
function provenSpans(section: string, tokens: readonly Buffer[], rules: SpanRules): Span[] | undefined {
	const spelled = matchingSpelling(section, tokens, rules);
	if (spelled === undefined) return undefined;
	const characters = characterOfByte(spelled, spelled.length - section.length);
	let position = 0;
	return tokens.map(({ length }) => {
		const start = characters[position]?.start ?? section.length;
		position += length;
		return { start, end: length === 0 ? start : (characters[position - 1]?.end ?? section.length) };
	});
}

/** Returns the text as the tokens spell it, perhaps with a space before it where the tokenizer may put one; or undefined. */
function matchingSpelling(section: string, tokens: readonly Buffer[], rules: SpanRules): string | undefined {
	const spelled = spellingOf(section, rules);
	const bytes = Buffer.concat(tokens);
	const possible = rules.prefixesSpace ? [spelled, spaceOf(rules) + spelled] : [spelled];
	return possible.find((candidate) => bytes.equals(Buffer.from(candidate)));
}

function spellingOf(section: string, rules: SpanRules): string {
	return section.replaceAll(' ', spaceOf(rules));
}

function spaceOf({ spelling }: SpanRules): string {
	return spelling === 'metaspace' ? metaspace : ' ';
}

/** Returns the span of the character that each UTF-8 byte belongs to, counted from `origin` on; what lies before is empty. */
function characterOfByte(text: string, origin: number): Span[] {
	const characters: Span[] = [];
	let position = -origin;
	for (const character of text) {
		const span = { start: Math.max(position, 0), end: Math.max(position + character.length, 0) };
		for (let byte = 0; byte < Buffer.byteLength(character); byte++) characters.push(span);
		position += character.length;
	}
	return characters;
}

function shifted({ start, end }: Span, by: number): Span {
	return { start: start + by, end: end + by };
}

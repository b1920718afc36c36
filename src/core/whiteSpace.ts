/**
 * White space as Python's `str.split` and `str.strip` know it: Unicode's White_Space and U+001C to U+001F. JavaScript's `\s`
 * and `trim` have U+FEFF, which is none, and lack U+0085.
 */

/** Members of a character class of a regular expression with the flag `u`. */
export const blankClass = String.raw`\p{White_Space}\u{1c}-\u{1f}`;

const word = new RegExp(`[^${blankClass}]+`, 'gu');
const blanksAtStart = new RegExp(`^[${blankClass}]+`, 'u');
const nonBlank = new RegExp(`[^${blankClass}]`, 'u');
const blank = new RegExp(`^[${blankClass}]$`, 'u');

/** Returns where the pieces between white space start and what they say, in order. */
export function piecesBetweenBlanks(text: string): { readonly start: number; readonly text: string }[] {
	return [...text.matchAll(word)].map((match) => ({ start: match.index, text: match[0] }));
}

/** Returns the number of UTF-16 code units of the white space that a text begins with. */
export function leadingBlanks(text: string): number {
	return blanksAtStart.exec(text)?.[0].length ?? 0;
}

/** Returns whether a text is white space alone; the empty text is. */
export function isBlank(text: string): boolean {
	return !nonBlank.test(text);
}

/** Returns whether the UTF-16 code unit at an index is white space, which is always one code unit; false beyond the text. */
export function isBlankAt(text: string, index: number): boolean {
	return blank.test(text.charAt(index));
}

/** Returns a text without the white space at its start. */
export function trimStart(text: string): string {
	return text.slice(leadingBlanks(text));
}

/** Returns a text without the white space at its end. */
export function trimEnd(text: string): string {
	let end = text.length;
	while (end > 0 && isBlankAt(text, end - 1)) end--;
	return text.slice(0, end);
}

/** Returns a text without the white space around it. */
export function trim(text: string): string {
	return trimEnd(trimStart(text));
}

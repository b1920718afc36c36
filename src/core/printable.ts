/** Characters that a terminal, or a program that typesets, obeys instead of showing. */

/**
 * Controls (Cc: C0, DEL, C1), marks that turn the direction of text, and separators of lines and paragraphs, as the inside
 * of a regular expression's brackets.
 */
export const obeyedCharacters = String.raw`\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069`;

const obeyed = new RegExp(`[${obeyedCharacters}]`, 'gu');

/** Returns text in which nothing is obeyed: `\u001b` stands for an escape, as in JSON, and `\u000a` for a line feed. */
export function printable(text: string): string {
	return text.replaceAll(obeyed, unicodeEscape);
}

/** Returns `\u202e` for a character of one UTF-16 code unit. */
export function unicodeEscape(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * How tokenizers write bytes as text, so that tokens can be checked against the text they came from.
 * `byteLevel` (GPT-2): every byte has its own printable letter. `metaspace` (SentencePiece): tokens are text with "▁" for
 * the space, and `<0xE2>` for single bytes of characters that the vocabulary lacks.
 */
export type TokenSpelling = 'byteLevel' | 'metaspace';

/** What stands for a space in metaspace tokens: one UTF-16 code unit, like the space itself. */
export const metaspace = '▁';

/**
 * Returns the letter of each of the 256 bytes: printable Latin-1 bytes stand for themselves, the rest for U+0100 and on.
 * Source: `bytes_to_unicode` of GPT-2, https://github.com/openai/gpt-2/blob/master/src/encoder.py
 */
export function byteLevelLetters(): string[] {
	const isPrintable = (byte: number): boolean =>
		(byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
	let next = 0x100;
	return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

/** Returns a function from a token's string to its bytes. */
export function tokenBytes(spelling: TokenSpelling): (token: string) => Buffer {
	if (spelling === 'metaspace') {
		return (token) =>
			/^<0x[0-9A-F]{2}>$/.test(token) ? Buffer.from([Number(token.slice(1, -1))]) : Buffer.from(token);
	}
	const byteOf = new Map(byteLevelLetters().map((letter, byte) => [letter, byte]));
	return (token) => Buffer.from(Array.from(token, (letter) => byteOf.get(letter) ?? [...Buffer.from(letter)]).flat());
}

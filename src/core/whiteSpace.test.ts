import { expect, it } from 'vitest';
import { whitespaceWords } from './words.ts';
import { isBlank, trim, trimEnd, trimStart } from './whiteSpace.ts';

/** All characters of one UTF-16 code unit that Python 3.11 calls `isspace`. */
const pythonBlanks = [
	0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
	0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
];

it('is that of Python, character by character', () => {
	const codes = Array.from({ length: 0x10000 }, (_, code) => code);
	expect(codes.filter((code) => isBlank(String.fromCharCode(code)))).toEqual(pythonBlanks);
});

it('parts words as str.split does', () => {
	// Python: 'a\x85b\ufeffc \x1cd\u200be'.split()
	const text = 'a\u0085b\ufeffc \u001cd\u200be ';
	expect(whitespaceWords(text).map(({ start, end }) => text.slice(start, end))).toEqual(['a', 'b\ufeffc', 'd\u200be']);
	expect(whitespaceWords(' \u3000 ')).toEqual([]);
});

it('is taken away at the ends as str.strip does', () => {
	const text = '\u0085 \ufeffa b\ufeff\u001f\n';
	expect([trim(text), trimStart(text), trimEnd(text)]).toEqual([
		'\ufeffa b\ufeff',
		'\ufeffa b\ufeff\u001f\n',
		'\u0085 \ufeffa b\ufeff',
	]);
});

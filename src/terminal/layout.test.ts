import { expect, it } from 'vitest';
import { alignColumns, formatBytes, formatDuration, wrapPieces, wrapText } from './layout.ts';

it('wraps at the visible width; a longer piece has a line of its own', () => {
	expect(wrapPieces(['\u001B[1mone\u001B[22m', 'two', 'three', 'seventeen'], 8)).toEqual([
		'\u001B[1mone\u001B[22m two',
		'three',
		'seventeen',
	]);
	expect(wrapText('one two three', 9, 2)).toEqual(['  one two', '  three']);
	expect(wrapPieces([], 8)).toEqual([]);
	expect(wrapPieces(['two words', 'more'], 10)).toEqual(['two words', 'more']);
});

it('counts columns, not characters: wide signs take two, marks none', () => {
	expect(wrapText('日本 日本 日本', 9)).toEqual(['日本 日本', '日本']);
	expect(
		alignColumns(
			[
				['日本', 'b'],
				['e\u0301', 'c'],
			],
			0,
		),
	).toEqual(['日本  b', 'e\u0301     c']);
});

it('aligns columns by what is seen', () => {
	const rows = [
		['\u001B[1ma\u001B[22m', 'b'],
		['long', 'c'],
	];
	expect(alignColumns(rows)).toEqual(['  \u001B[1ma\u001B[22m     b', '  long  c']);
});

it.each([
	[0, '0 B'],
	[1023, '1023 B'],
	[4_727_816, '4.5 MiB'],
	[24 * 1024 ** 3, '24.0 GiB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

it.each([
	[40, '0.0 s'],
	[9940, '9.9 s'],
	[9960, '10 s'],
	[59_600, '1 min 00 s'],
	[185_000, '3 min 05 s'],
	[2 * 3_600_000 + 7 * 60_000, '2 h 07 min'],
])('%d ms are %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

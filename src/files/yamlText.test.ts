import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from './yamlText.ts';

describe('yamlText', () => {
	it.each([
		'yes',
		'No',
		'on',
		'OFF',
		'y',
		'n',
		'true',
		'null',
		'~',
		'',
		'=',
		'<<',
		'.inf',
		'.NaN',
		'017',
		'0o17',
		'0x1F',
		'1_000',
		'12:30:45',
		'1:30',
		'2024-01-01',
		'2001-12-14t21:59:43.10-05:00',
		'1e3',
		'+.5',
	])('puts %j, which YAML 1.1 takes for something else, in quotes', (text) => {
		expect(yamlText({ key: text })).toBe(`key: "${text}"\n`);
		expect(yamlText({ [text]: 1 })).toMatch(/^"|^\? "/u);
	});

	it('leaves ordinary texts as they are', () => {
		expect(yamlText({ id: 'tiny-instruct', title: 'Good or bad?', count: 3, none: null, is: true })).toBe(
			'id: tiny-instruct\ntitle: Good or bad?\ncount: 3\nnone: null\nis: true\n',
		);
		expect(yamlText({ text: 'first\nsecond' })).toBe('text: |-\n  first\n  second\n');
	});

	it.each([' \n', 'a \nb', 'a\n\t\nb', '\n a', 'a\n\n'])('keeps blanks and empty lines of %j', (text) => {
		expect(parse(yamlText({ text }))).toEqual({ text });
	});

	it.each(['1.1', '1.2'] as const)('is read again by YAML %s, whatever texts say', (version) => {
		const letters = fc.constantFrom(
			...Array.from('ab:#- \n\t\r"\'?|>&*!%@`{}[],\u0085\u2028\ufeff\u00a0\u001b\u0000é😀0123_.+=<~'),
		);
		const texts = fc.array(fc.oneof(fc.string({ unit: letters }), fc.string({ unit: 'binary' })));
		fc.assert(
			fc.property(texts, (list) => {
				const value = { list, keys: Object.fromEntries(list.map((text, i) => [`k${text}`, i])) };
				expect(parse(yamlText(value), { version })).toEqual(value);
			}),
		);
	});
});

import { expect, it } from 'vitest';
import { parsePythonJson } from './pythonJson.ts';

it('reads the numbers that Python writes and JSON does not know, and leaves strings alone', () => {
	const text = '{"a": NaN, "b": [Infinity, -Infinity, 1], "say \\"NaN\\" \\\\": "-Infinity, NaN"}';
	expect(parsePythonJson(text)).toEqual({
		a: Number.NaN,
		b: [Infinity, -Infinity, 1],
		'say "NaN" \\': '-Infinity, NaN',
	});
});

it.each(['{"a": Nan}', '{"a": Infinit}', '{"a": NaN', '{NaN: 1', '"NaN'])('refuses %s as JSON does', (text) => {
	expect(() => parsePythonJson(text)).toThrow(SyntaxError);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { readModelConfig } from '../models/config.ts';
import { readJsonFile } from './jsonFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'json-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, schema: z.ZodType = z.unknown()): unknown {
	const file = join(folder, 'config.json');
	writeFileSync(file, text);
	return readJsonFile(file, schema);
}

it.each(['{"a":1,"a":2}', '{"x":{"a":1,"\\u0061":1}}', '[{"b":{},"a":[{}],"a":null}]'])(
	'a key that stands twice is refused by name: %s',
	(text) => {
		expect(() => read(text)).toThrow('the key "a" stands twice in one object');
	},
);

it('a key that objects cannot hold is refused, equal keys of different objects are not', () => {
	expect(() => read('{"x":{"__proto__":{"y":1}}}')).toThrow('the key "__proto__"');
	expect(read('{"a":{"a":1},"b":[{"a":2},{"a":3}],"c":"a\\"a"}')).toHaveProperty('a');
});

it('another form is told in one line, the first three places by name', () => {
	const schema = z.object(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key) => [key, z.number()])));
	expect(() => read('{}', schema)).toThrow(
		/config\.json: has an unexpected form: a: [^\n]*; b: [^\n]*; c: [^\n]*; and 2 more\.$/u,
	);
});

it.each(['null', '[]', '{\n\t"a": \n}', '\uFEFF{\n"a": 1\n}', '[\n'.repeat(5000)])(
	'a config.json that is none is told in one line: %j',
	(text) => {
		writeFileSync(join(folder, 'config.json'), text);
		expect(() => readModelConfig(folder)).toThrow(UserError);
		expect(() => readModelConfig(folder)).toThrow(/^[^\n]*config\.json[^\n]*$/u);
	},
);

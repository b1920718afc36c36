/** The rule of docs/SUPPORT.md: whatever the program opens stands in a row there, which says how it was checked. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { families } from '../src/llm/models/families.ts';
import { knownCuttings } from '../src/llm/tokenizers/preTokenizers.ts';
import { architectures } from '../src/llm/weights/gguf/architectures/architectures.ts';
import { blockTypes } from '../src/llm/weights/gguf/blockTypes.ts';

const rows = readFileSync('docs/SUPPORT.md', 'utf8')
	.split('\n')
	.filter((line) => line.startsWith('| '))
	.map((line) =>
		line
			.slice(2)
			.replace(/\s*\|$/u, '')
			.split(/\s*\|\s*/u),
	);

/** Returns how a name is said to have been checked; null where no row is about it. */
function checkOf(name: string): string | null {
	const isAbout = (cell = ''): boolean => cell.split(/[^\w.-]+/u).includes(name);
	const row = rows.find(([what, ...rest]) => isAbout(what) && rest.length >= 2);
	return row?.at(-1) ?? null;
}

it.each([
	['families', Object.keys(families)],
	['types of blocks', Object.keys(blockTypes)],
	['architectures of GGUF files', Object.keys(architectures)],
	['ways of cutting texts', knownCuttings],
])('all %s have a row that says how they were checked', (_, names) => {
	expect(names.length).toBeGreaterThan(10);
	expect(names.filter((name) => (checkOf(name) ?? '') === '')).toEqual([]);
});

it('a name that stands nowhere is found missing', () => {
	expect(checkOf('no_such_family')).toBeNull();
});

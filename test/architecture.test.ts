/** The folders of `src/` import as their table says, and nobody imports in a circle. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../src/core/groupBy.ts';
import { root } from './support/documents.ts';
import { circles, importsOf, sourceFiles } from './support/importGraph.ts';
import { folderTable, importProblem } from './support/importRules.ts';
import { foldersOfLeaves, mostFiles } from './support/importTable.ts';

const files = sourceFiles();
const imports = files.flatMap((file) => importsOf(file));

describe('the folders of src/', () => {
	it('import what the table lets them', () => {
		expect(imports.flatMap((found) => importProblem(found) ?? [])).toEqual([]);
	});

	it('have no circles, type imports counted', () => {
		const own = imports.filter(({ isPackage }) => !isPackage);
		const byFile = groupBy(own, ({ from }) => from);
		const targets = new Map([...byFile].map(([file, found]) => [file, found.map(({ to }) => to)]));
		expect(circles(targets)).toEqual([]);
	});

	it('import files that exist', () => {
		const known = new Set(files);
		expect(imports.filter(({ to, isPackage }) => !isPackage && !known.has(to))).toEqual([]);
	});

	it('hold few files each', () => {
		const sizes = groupBy(files, (file) => dirname(file));
		const full = [...sizes].filter(
			([folder, { length }]) => length > (foldersOfLeaves.includes(folder) ? mostFiles.leaves : mostFiles.folder),
		);
		expect(full.map(([folder, { length }]) => `src/${folder} holds ${length} files`)).toEqual([]);
	});

	it('stand in docs/ARCHITECTURE.md as in the table', () => {
		const text = readFileSync(join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
		const missing = folderTable()
			.split('\n')
			.filter((line) => !text.includes(line));
		expect(missing, 'put these lines into the table of docs/ARCHITECTURE.md').toEqual([]);
	});
});

describe('the check of imports', () => {
	const check = (from: string, text: string): (string | null)[] =>
		importsOf(from, text).map((found) => importProblem(found));

	it('says where an import against the table stands, of types, too', () => {
		expect(check('core/errors.ts', "\nimport type { A } from '../study/openStudy.ts';")).toEqual([
			'src/core/errors.ts:2 imports src/study/openStudy.ts: core/ may not import study/',
		]);
		expect(check('report/view.ts', "const a = await import('../cli/main.ts');")).toEqual([
			'src/report/view.ts:1 imports src/cli/main.ts: report/ may not import cli/',
		]);
	});

	it('lets types through where types are all that is allowed', () => {
		expect(check('records/a.ts', "import { type A } from '../evaluation/metric.ts';")).toEqual([null]);
		expect(check('records/a.ts', "import { a } from '../evaluation/metric.ts';")).toEqual([
			'src/records/a.ts:1 imports src/evaluation/metric.ts: records/ may import types only of evaluation/',
		]);
	});

	it('keeps the order inside a folder', () => {
		expect(check('study/config/a.ts', "import { a } from '../run/b.ts';")).toEqual([
			'src/study/config/a.ts:1 imports src/study/run/b.ts: inside study/, config stands below run or beside it',
		]);
		expect(check('study/run/a.ts', "import { a } from '../config/b.ts';")).toEqual([null]);
	});

	it('keeps onnxruntime-node in one file', () => {
		expect(check('llm/a.ts', "import { a } from 'onnxruntime-node';")).toEqual([
			'src/llm/a.ts:1 imports onnxruntime-node: only src/engine/onnx/session.ts may',
		]);
	});

	it('finds circles of any length', () => {
		const of = (edges: Record<string, string[]>): string[][] => circles(new Map(Object.entries(edges)));
		expect(of({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] })).toEqual([['a', 'b', 'c']]);
		expect(of({ a: ['b', 'c'], b: ['c'], c: [] })).toEqual([]);
	});
});

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmallStudy, type SmallStudy } from '../support/smallStudy.ts';
import { runInMemory } from './inMemory.ts';

let study: SmallStudy;
beforeAll(async () => {
	study = await createSmallStudy();
	await study.write({ faithfulness: ['flip_rate', 'comprehensiveness', 'sufficiency'] });
	await study.run();
});
afterAll(() => study.remove());

const rowsOf = (name: string): Record<string, string>[] => {
	const text = readFileSync(join(study.out, 'export', 'csv', `${name}.csv`), 'utf8');
	// The types of csv-parse do not follow `columns`.
	return parse(text, { columns: true }) as unknown as Record<string, string>[];
};

describe('rationale export', () => {
	it('writes all records and word scores as CSV', async () => {
		const { code, out, notes } = await runInMemory(['export', study.out, '--format', 'csv', '--json']);
		expect([code, notes]).toEqual([0, '']);
		const files = JSON.parse(out) as { path: string; rows: number }[];
		// 4 examples, 5 methods, 17 words.
		const counts = Object.fromEntries(files.map(({ path, rows }) => [basename(path, '.csv'), rows]));
		expect(counts).toMatchObject({ predictions: 4, rationales: 20, words: 17 * 5 });
		expect(rowsOf('predictions').map(({ example, words }) => [example, words])).toEqual([
			['one', '3'],
			['two', '3'],
			['three', '8'],
			['four', '3'],
		]);
		const words = rowsOf('words').filter(
			({ example, method }) => example === 'two' && method === 'input_x_gradient.dot',
		);
		const byWord = Object.fromEntries(words.map((word) => [word['text'], word]));
		expect(byWord).toMatchObject({
			a: { annotators: '0', chosen_top_var: 'false', chosen_top_ratio: 'false', chosen_own: '' },
			bad: { annotators: '1', chosen_top_var: 'true', chosen_top_ratio: 'true' },
			film: { annotators: '0', chosen_top_var: 'false' },
		});
		expect(Object.keys(counts)).not.toContain('variants');
		expect(JSON.parse(rowsOf('predictions')[0]?.['probabilities'] ?? '')).toEqual({
			positive: expect.closeTo(0.88, 2) as number,
			negative: expect.closeTo(0.12, 2) as number,
		});
		const flips = rowsOf('selections').filter(({ selection }) => selection === 'top_var');
		expect(flips.find(({ example, method }) => example === 'two' && method === 'human')).toMatchObject({
			words: '[1]',
			masking: 'space',
			prediction: 'negative',
			masked: 'positive',
			flipped: 'true',
		});
	});

	it('writes texts as they are, or so that no spreadsheet computes them', async () => {
		const formula = '=HYPERLINK("http://evil","x")';
		const own = await createSmallStudy();
		await own.write({ models: [formula] });
		await own.run();
		const modelsOf = async (...more: string[]) => {
			expect((await runInMemory(['export', own.out, '--format', 'csv', ...more])).code).toBe(0);
			const text = readFileSync(join(own.out, 'export', 'csv', 'predictions.csv'), 'utf8');
			const rows = parse(text, { columns: true }) as unknown as Record<string, string>[];
			return new Set(rows.map(({ model }) => model));
		};
		expect(await modelsOf()).toEqual(new Set([formula]));
		expect(await modelsOf('--for-spreadsheets')).toEqual(new Set([`'${formula}`]));
		await own.remove();
	});

	it('writes the same as Parquet, numbers as numbers', async () => {
		expect((await runInMemory(['export', study.out, '--out', join(study.folder, "it's here")])).code).toBe(0);
		const instance = await DuckDBInstance.create(':memory:');
		const connection = await instance.connect();
		const file = join(study.folder, "it's here", 'words.parquet').replaceAll("'", "''");
		const result = await connection.runAndReadAll(
			`SELECT word, "end", score FROM '${file}' WHERE example = 'two' AND method = 'random' ORDER BY word`,
		);
		const rows = result.getRowObjectsJS();
		expect(rows.map(({ word, end }) => [word, end])).toEqual([
			[0, 1],
			[1, 5],
			[2, 10],
		]);
		expect(rows.map(({ score }) => Number(score)).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
		const typesOf = async (name: string): Promise<Record<string, string>> => {
			const table = join(study.folder, "it's here", `${name}.parquet`).replaceAll("'", "''");
			const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${table}'`);
			return Object.fromEntries(
				described.getRowObjectsJS().map(({ column_name: column, column_type: type }) => [String(column), String(type)]),
			);
		};
		expect(await typesOf('predictions')).toMatchObject({
			probabilities: 'MAP(VARCHAR, DOUBLE)',
			annotations: 'INTEGER[][]',
			segments: 'STRUCT("name" VARCHAR, "text" VARCHAR)[]',
		});
		expect(await typesOf('rationales')).toMatchObject({
			scores: 'DOUBLE[]',
			curve: 'STRUCT("share" DOUBLE, "label" VARCHAR)[]',
		});
		expect(await typesOf('selections')).toMatchObject({ words: 'INTEGER[]', control: 'VARCHAR[]', flipped: 'BOOLEAN' });
		expect(await typesOf('words')).toMatchObject({ chosen_top_var: 'BOOLEAN', chosen_own: 'BOOLEAN' });
		const predictions = file.replace('words.parquet', 'predictions.parquet');
		const asked = `SELECT probabilities['negative'] AS p, segments[1].text AS t FROM '${predictions}' WHERE example = 'two'`;
		const [two] = (await connection.runAndReadAll(asked)).getRowObjectsJS();
		expect(two).toEqual({ p: expect.closeTo(0.88, 2) as number, t: 'a bad film' });
		connection.closeSync();
		instance.closeSync();
	});

	it('writes a folder in the form of ERASER, which scores as the study does', async () => {
		const { code } = await runInMemory(['export', study.out, '--format', 'eraser', '--method', 'input_x_gradient.dot']);
		expect(code).toBe(0);
		const folder = join(study.out, 'export', 'eraser');
		const { out } = await runInMemory(['score', join(folder, 'predictions.jsonl'), '--data', folder, '--json']);
		const summary = JSON.parse(await study.read('summary.json')) as { rows: Record<string, unknown>[] };
		const valueOf = (metric: string, selection: string | null): unknown =>
			summary.rows.find(
				(row) =>
					row['metric'] === metric &&
					row['selection'] === selection &&
					row['method'] === 'input_x_gradient.dot' &&
					row['subset'] === 'all' &&
					row['masking'] !== 'delete',
			)?.['value'];
		const near = (value: unknown): number => expect.closeTo(Number(value), 12) as number;
		expect(JSON.parse(out)).toMatchObject({
			'token_f1.macro': near(valueOf('token_f1.macro', 'top_var')),
			'eraser.average_precision': near(valueOf('average_precision', null)),
			'eraser.comprehensiveness': near(valueOf('comprehensiveness', 'top_var')),
			'eraser.sufficiency_aopc': near(valueOf('sufficiency.aopc', null)),
		});
	});

	it.each([
		[['--format', 'eraser'], 'attention, input_x_gradient.dot'],
		[['--format', 'eraser', '--method', 'human', '--model', 'other'], '--model'],
		[['--format', 'xml'], 'parquet, csv, eraser'],
	])('%j: says what there is', async (options, message) => {
		const { code, notes } = await runInMemory(['export', study.out, ...options]);
		expect(code).toBe(1);
		expect(notes).toContain(message);
	});

	it('asks for the folder of a study', async () => {
		const { code, notes } = await runInMemory(['export', study.folder]);
		expect(code).toBe(1);
		expect(notes).toContain('holds no records.jsonl');
	});
});

/**
 * A method, masking, dataset and family of their own, each added as CONTRIBUTING.md says: what it is, and its line in the
 * record. Nothing else is told of them, and each must be found in what a study writes. (`newMeasure.test.ts`: a measure.)
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createColors } from 'picocolors';
import { exampleWords, segmentOf } from '../src/core/example.ts';
import type { Dataset } from '../src/datasets/datasets.ts';
import { exportTables } from '../src/interchange/exportTables.ts';
import { readStudyRecords } from '../src/interchange/readStudyFolder.ts';
import type { Masking } from '../src/rationales/masking.ts';
import type { Method } from '../src/rationales/method.ts';
import { renderSummary } from '../src/terminal/summaryTable.ts';
import { familyProblems } from '../src/testing/familyProblems.ts';
import { createSmallStudy, rowOf, type SmallStudy } from './support/smallStudy.ts';

/** Adds a line to a record before anything reads it, and to the list of its names where there is one. */
function added(table: object, line: object, names: readonly string[] = []): void {
	Object.assign(table, line);
	if (names.length > 0) (names as string[]).push(...Object.keys(line));
}

vi.mock('../src/rationales/methods.ts', async (original) => {
	const module = await original<typeof import('../src/rationales/methods.ts')>();
	const longest: Method = {
		kind: 'reference',
		declaration: { ...module.methods.random.declaration, id: 'longest', title: 'Long words first' },
		rank: ({ example }) => ({ scores: exampleWords(example).map(({ text }) => text.length), own: null }),
	};
	added(module.methods, { longest }, module.methodIds);
	return module;
});

vi.mock('../src/rationales/masking.ts', async (original) => {
	const module = await original<typeof import('../src/rationales/masking.ts')>();
	const firstToken: Masking = {
		id: 'first_token',
		title: 'every token of the word becomes the first one of the prompt',
		caution: 'A test.',
		mask: ({ ids }, positions) => module.unblocked(ids.map((id, i) => (positions.has(i) ? (ids[0] ?? id) : id))),
	};
	added(module.maskings, { first_token: firstToken });
	return module;
});

vi.mock('../src/datasets/datasets.ts', async (original) => {
	const module = await original<typeof import('../src/datasets/datasets.ts')>();
	const films: Dataset = {
		id: 'films',
		title: 'Films of this test',
		task: {
			id: 'films',
			instruction: 'Is it liked?',
			segmentTitles: { text: 'Text' },
			labels: ['positive', 'negative'],
			verbalizers: { positive: 'positive', negative: 'negative' },
		},
		splits: { train: 0, test: 2 },
		source: 'this test',
		licence: 'Apache-2.0',
		load: () =>
			['good', 'bad'].map((word, i) => ({
				id: word,
				segments: [segmentOf('text', `a ${word} film`)],
				label: i === 0 ? 'positive' : 'negative',
				annotations: [{ annotator: 'a', spans: [{ segment: 0, span: { start: 2, end: 2 + word.length } }] }],
			})),
	};
	added(module.DATASETS, { films }, module.DATASET_IDS);
	return module;
});

vi.mock('../src/llm/models/families.ts', async (original) => {
	const module = await original<typeof import('../src/llm/models/families.ts')>();
	added(module.families, { llama_again: { ...module.families['llama'], modelType: 'llama_again' } });
	return module;
});

let study: SmallStudy;
let folder = '';
beforeEach(async () => {
	study = await createSmallStudy();
	folder = await mkdtemp(join(tmpdir(), 'pieces-'));
});
afterEach(async () => {
	await study.remove();
	await rm(folder, { recursive: true });
});

it('a new method is found in records, summary, report, terminal and exports', async () => {
	await study.write({ methods: ['longest', 'random'] });
	const result = await study.run();
	const records = await readStudyRecords(study.out);
	expect(records).toContainEqual(
		expect.objectContaining({ kind: 'rationale', method: 'longest', example: 'two', scores: [1, 3, 4] }),
	);
	const at = { method: 'longest', metric: 'average_precision', subset: 'all' };
	expect(rowOf(result, at)).toMatchObject({ n: 4 });
	expect(await study.read('report.html')).toContain('Long words first');
	expect(renderSummary(result.input, { columns: 100, colours: createColors(false) })).toContain('longest');
	await exportTables(records, folder, { format: 'csv' });
	expect(await readFile(join(folder, 'words.csv'), 'utf8')).toContain(',longest,');
});

it('a new masking is found in records, summary, report, terminal and exports', async () => {
	await study.write({ maskings: ['first_token', 'delete'] });
	const result = await study.run();
	const records = await readStudyRecords(study.out);
	const at = { method: 'human', selection: 'own', metric: 'flip_rate', subset: 'all', masking: 'first_token' };
	// Without their "bad" the two negative texts are positive; without "good" the others stay so.
	expect(rowOf(result, at)).toMatchObject({ n: 4, missing: 0, value: 0.5 });
	expect(await study.read('report.html')).toContain('becomes the first one of the prompt');
	expect(renderSummary(result.input, { columns: 100, colours: createColors(false) })).toContain(
		'becomes the first one of the prompt',
	);
	await exportTables(records, folder, { format: 'csv' });
	expect(await readFile(join(folder, 'selections.csv'), 'utf8')).toContain(',first_token,');
});

it('a new dataset is found in records, summary and report', async () => {
	await study.write({ datasets: ['films'], methods: ['input_x_gradient.dot', 'human'] });
	const result = await study.run();
	expect(rowOf(result, { dataset: 'films', metric: 'accuracy' })).toMatchObject({ n: 2, value: 1 });
	// "good" and "bad" decide, and are what a person marked.
	const at = { dataset: 'films', method: 'input_x_gradient.dot', metric: 'average_precision', subset: 'all' };
	expect(rowOf(result, at)).toMatchObject({ n: 2, value: 1 });
	expect(await study.read('report.html')).toContain('Films of this test');
});

it('a new family opens and keeps what every family promises', async () => {
	await cp('fixtures/llama3', folder, { recursive: true });
	const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as object;
	await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, model_type: 'llama_again' }));
	expect(await familyProblems(folder)).toEqual([]);
});

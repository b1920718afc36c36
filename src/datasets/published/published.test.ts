import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it, test } from 'vitest';
import { annotatedWords, type Example, exampleWords } from '../../core/example.ts';
import type { PublishedDataset, Reading } from './publishedDataset.ts';
import { PUBLISHED_DATASETS, PUBLISHED_IDS, publishedNamed } from './publishedDatasets.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/datasets/', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'published-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Examples per split of the fixtures, and how many of the last split have an annotation. */
const COUNTS: Readonly<Record<string, { folder: string; splits: Record<string, number>; annotated: number }>> = {
	'e-snli': { folder: 'e-snli', splits: { train: 18, dev: 9, test: 9 }, annotated: 9 },
	'e-snli-eraser': { folder: 'e-snli-eraser', splits: { train: 6, val: 3, test: 9 }, annotated: 9 },
	fever: { folder: 'fever', splits: { train: 8, val: 8, test: 8 }, annotated: 8 },
	'medical-bios': { folder: 'medical-bios', splits: { train: 15, test: 15, rationales: 10 }, annotated: 10 },
	'medical-bios-contrastive': { folder: 'medical-bios', splits: { rationales: 10 }, annotated: 10 },
	movies: { folder: 'movies', splits: { train: 8, val: 8, test: 8 }, annotated: 8 },
	boolq: { folder: 'boolq', splits: { train: 4, val: 4, test: 4 }, annotated: 4 },
	multirc: { folder: 'multirc', splits: { train: 6, val: 6, test: 6 }, annotated: 6 },
	'evidence-inference': { folder: 'evidence-inference', splits: { train: 3, val: 3, test: 3 }, annotated: 3 },
	'cos-e': { folder: 'cos-e', splits: { train: 5, val: 5, test: 5 }, annotated: 5 },
	'cos-e-annotations': { folder: 'cos-e', splits: { all: 5 }, annotated: 5 },
	hatexplain: { folder: 'hatexplain', splits: { train: 9, val: 9, test: 9 }, annotated: 6 },
	sst: { folder: 'sst', splits: { all: 6 }, annotated: 6 },
	dynasent: { folder: 'dynasent', splits: { all: 6 }, annotated: 6 },
};

describe.each(PUBLISHED_IDS)('%s', (id) => {
	const dataset: PublishedDataset = PUBLISHED_DATASETS[id];
	const { folder = '', splits = {}, annotated = 0 } = COUNTS[id] ?? {};

	it('reads every split, with spans inside the texts and different ids', async () => {
		let last: readonly Example[] = [];
		for (const [split, count] of Object.entries(splits)) {
			const { examples, badRows } = await dataset.read(join(fixtures, folder), split);
			expect({ split, count: examples.length, badRows }).toEqual({ split, count, badRows: [] });
			expect(new Set(examples.map((example) => example.id)).size).toBe(count);
			for (const example of examples) checkSpans(example);
			last = examples;
		}
		expect(last.filter(({ annotations }) => annotations.length > 0)).toHaveLength(annotated);
	});

	it('names the splits it has', async () => {
		await expect(dataset.read(join(fixtures, folder), 'tets')).rejects.toThrow(/unknown split "tets"|unknown split/u);
	});
});

function checkSpans({ segments, annotations }: Example): void {
	for (const { segment, span } of annotations.flatMap(({ spans }) => spans)) {
		expect(span.start).toBeGreaterThanOrEqual(0);
		expect(span.end).toBeLessThanOrEqual(segments[segment]?.text.length ?? -1);
	}
	for (const { text, words } of segments) {
		for (const { start, end } of words) expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
	}
}

const read = (id: string, path: string, split: string): Promise<Reading> =>
	publishedNamed(id, 'test').read(path, split);

/** Returns the words that each annotator marked. */
function marked(example: Example | undefined): string[][] {
	if (example === undefined) return [];
	const words = exampleWords(example);
	return example.annotations.map((annotation) =>
		annotatedWords(example, annotation).map((word) => words[word]?.text ?? ''),
	);
}

/** Writes files into a new folder. */
function folderOf(files: Readonly<Record<string, string>>): string {
	const folder = mkdtempSync(join(temporary, 'f-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(join(folder, name, '..'), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
	return folder;
}

const problems = ({ badRows }: Reading): string[] =>
	badRows.map(({ kind, line, problem }) => `${kind} ${line}: ${problem}`);

describe('e-SNLI', () => {
	it('has three annotators, and does not judge the premise of neutral pairs', async () => {
		const { examples } = await read('e-snli', join(fixtures, 'e-snli'), 'test');
		const [entailment, contradiction, neutral] = examples;
		expect(entailment?.segments.map(({ name }) => name)).toEqual(['premise', 'hypothesis']);
		expect(marked(entailment)).toEqual([
			['waits', 'station.', 'at'],
			['waits', 'station.', 'at', 'a'],
			['waits', 'at'],
		]);
		expect(contradiction?.unjudged).toBeUndefined();
		expect(neutral).toMatchObject({ label: 'neutral', unjudged: [0] });
	});

	it('names broken rows by kind, and counts annotations that mark nothing', async () => {
		const head =
			'pairID,gold_label,Sentence1,Sentence2,Sentence1_marked_1,Sentence2_marked_1,Sentence1_marked_2,Sentence2_marked_2';
		const rows = [
			'1,entailment,A b.,C d.,*A* b.,C *d.*,A b.,C d.',
			'2,entailment,A b.,,*A* b.,,,',
			'3,-,A b.,C d.,*A* b.,C d.,,',
			'4,entailment,A b.,C d.,A b.,C d.,,',
			'5,entailment,A b.,C d.,*A* x.,C d.,,',
			'1,entailment,A b.,C d.,*A* b.,C d.,,',
			'7,entailment,A b.',
		];
		const folder = folderOf({ 'esnli_dev.csv': `${[head, ...rows].join('\n')}\n` });
		const reading = await read('e-snli', folder, 'validation');
		expect(reading.examples.map(({ id }) => id)).toEqual(['1']);
		expect(problems(reading).toSorted()).toEqual([
			'form 8: has 3 fields; the header has 8',
			'id 7: id "1" is taken by line 2 of esnli_dev.csv',
			'label 4: unknown label "-"; the labels are entailment, neutral, contradiction',
			'rationale 5: no annotator marks any word',
			'rationale 6: marked text differs from the text at "x."',
			'text 3: "Sentence2" is empty',
		]);
		expect(reading.notes).toEqual(['1 annotation of a text that others marked mark no word and are left out']);
	});
});

describe('FEVER', () => {
	it("has claim and evidence in ERASER's form, and whole sentences as the rationale", async () => {
		const { examples } = await read('fever', join(fixtures, 'fever'), 'test');
		expect(examples[0]?.id).toBe('0');
		expect(examples[0]?.segments.map(({ name }) => name)).toEqual(['claim', 'evidence']);
		expect(marked(examples[0])[0]?.join(' ')).toMatch(/^Hallmouth is a harbour town .* \.$/u);
	});

	it('reads lines of claim, label and evidence', async () => {
		const { examples, notes } = await read('fever', join(fixtures, 'fever-plain/val.jsonl'), 'val');
		expect(examples).toHaveLength(8);
		expect(examples[1]?.segments[1]?.text.split(' . ')).toHaveLength(2);
		expect(notes).toHaveLength(1);
		const folder = folderOf({
			'val.jsonl': '{"claim":"c","label":"MAYBE","evidence":"e"}\n{"claim":"c","label":"REFUTES"}\n[]\n',
		});
		const reading = await read('fever', folder, 'dev');
		expect(problems(reading).map((problem) => problem.split(':')[0])).toEqual(['form 3', 'label 1', 'form 2']);
	});
});

describe('MedicalBios', () => {
	it('finds its words in the text, and keeps every annotator', async () => {
		const { examples } = await read('medical-bios', join(fixtures, 'medical-bios'), 'rationales');
		expect(marked(examples[0])).toEqual([['counsels', 'therapy'], ['counsels'], ['Dr', 'counsels', 'therapy']]);
		expect(examples[0]?.foil).toBeUndefined();
		const contrastive = await read('medical-bios-contrastive', join(fixtures, 'medical-bios'), 'rationales');
		expect(contrastive.examples[0]).toMatchObject({ label: 'psychologist', foil: 'surgeon' });
		expect(marked(contrastive.examples[0])[0]).toEqual(['therapy']);
	});

	it('reads Parquet as it reads JSON Lines', async () => {
		const folder = mkdtempSync(join(temporary, 'p-'));
		const instance = await DuckDBInstance.create(':memory:');
		const connection = await instance.connect();
		const source = join(fixtures, 'medical-bios/rationales.jsonl');
		await connection.run(
			`COPY (SELECT * FROM read_json('${source}')) TO '${join(folder, 'rationales.parquet')}' (FORMAT parquet)`,
		);
		connection.closeSync();
		instance.closeSync();
		const { examples } = await read('medical-bios', folder, 'rationales');
		const lines = await read('medical-bios', join(fixtures, 'medical-bios'), 'rationales');
		expect(examples).toEqual(lines.examples);
	});

	it("reads the repository's own CSV", async () => {
		const { examples, notes } = await read(
			'medical-bios-contrastive',
			join(fixtures, 'medical-bios/biosbias.csv'),
			'rationales',
		);
		expect(examples.map(({ label, foil }) => [label, foil])[0]).toEqual(['psychologist', 'surgeon']);
		expect(notes).toEqual(['5 biographies without a human rationale']);
	});

	it('refuses words that are not those of the text, and lists of another length', async () => {
		const row = { text: 'A good doctor.', label: 4, words: ['A', 'good', 'doctor', '.'], annotations: [[0, 1, 1, 0]] };
		const lines = [
			row,
			{ ...row, text: 'A kind doctor.' },
			{ ...row, annotations: [[0, 1, 1, 0, 0]] },
			{ ...row, annotations: [[0, 2, 1, 0]] },
			{ ...row, label: 5 },
		];
		const folder = folderOf({ 'rationales.jsonl': lines.map((line) => JSON.stringify(line)).join('\n') });
		const reading = await read('medical-bios', folder, 'rationales');
		expect(reading.examples).toHaveLength(1);
		expect(problems(reading)).toEqual([
			'form 2: word 1 ("good") does not follow in the text at "kind doctor."',
			'rationale 3: annotator 1 has 5 marks; the text has 4 words',
			'rationale 4: annotator 1 has the mark 2; a mark is 0 or 1',
			'label 5: unknown label 5; the labels are psychologist, surgeon, nurse, dentist, physician',
		]);
	});
});

describe('ERASER tasks', () => {
	it('leave out a query that is the same for all, and name what is left', async () => {
		const movies = await read('movies', join(fixtures, 'movies'), 'dev');
		expect(movies.examples[0]?.segments.map(({ name }) => name)).toEqual(['review']);
		expect(marked(movies.examples[0])).toEqual([['is', 'witty', 'end', 'is', 'well', 'played']]);
	});

	it('give the answers of CoS-E their letters, and do not judge them', async () => {
		const { examples } = await read('cos-e', join(fixtures, 'cos-e'), 'test');
		expect(examples[0]).toMatchObject({ label: 'B', unjudged: [1] });
		expect(examples[0]?.segments.map(({ name }) => name)).toEqual(['question', 'answers']);
		expect(examples[0]?.segments[1]?.text.split('\n')[1]).toBe('B: refrigerator');
		expect(marked(examples[0])).toEqual([['milk', 'cold']]);
	});

	it('take the answer itself for its letter', async () => {
		const folder = mkdtempSync(join(temporary, 'c-'));
		cpSync(join(fixtures, 'cos-e'), folder, { recursive: true });
		const file = join(folder, 'test.jsonl');
		writeFileSync(
			file,
			readFileSync(file, 'utf8').replace('"classification": "B"', '"classification": "refrigerator"'),
		);
		expect((await read('cos-e', folder, 'test')).examples[0]?.label).toBe('B');
	});

	it('find the documents of e-SNLI by the name of the pair', async () => {
		const { examples } = await read('e-snli-eraser', join(fixtures, 'e-snli-eraser'), 'test');
		expect(examples[2]).toMatchObject({ label: 'neutral', unjudged: [0] });
		expect(examples[2]?.segments.map(({ name }) => name)).toEqual(['premise', 'hypothesis']);
	});

	it('collect evidence outside the text', async () => {
		const line = { annotation_id: 'a', classification: 'POS', query: '', docids: ['d'] };
		const evidences = [[{ docid: 'd', start_token: 2, end_token: 9, start_sentence: -1, end_sentence: -1, text: '' }]];
		const folder = folderOf({ 'docs/d': 'a b c', 'test.jsonl': JSON.stringify({ ...line, evidences }) });
		const reading = await read('movies', folder, 'test');
		expect(problems(reading)).toEqual(['rationale 1: evidence [2, 9) of document "d", which has 3 tokens']);
	});
});

describe('HateXplain', () => {
	it('takes the label of the majority and leaves out posts without one', async () => {
		const { examples, notes } = await read('hatexplain', join(fixtures, 'hatexplain'), 'test');
		expect(examples.map(({ label }) => label).slice(0, 3)).toEqual(['hatespeech', 'offensive', 'normal']);
		expect(marked(examples[0])).toEqual([['rotten', 'turnip'], ['rotten'], ['rotten', 'turnip']]);
		expect(examples[3]?.annotations).toHaveLength(2);
		expect(notes).toEqual(['1 post on whose label all three annotators differ, left out']);
	});

	it('collects posts that are none', async () => {
		const post = {
			post_id: 'a',
			annotators: [{ label: 'normal', annotator_id: 1, target: [] }],
			rationales: [],
			post_tokens: ['x'],
		};
		const posts = { a: post, b: { ...post, post_id: 'c' }, c: { ...post, post_id: 'c', rationales: [[1, 0]] }, d: {} };
		const divisions = { test: ['a', 'b', 'c', 'd', 'e'] };
		const folder = folderOf({
			'dataset.json': JSON.stringify(posts),
			'post_id_divisions.json': JSON.stringify(divisions),
		});
		const reading = await read('hatexplain', folder, 'test');
		expect(reading.examples.map(({ id }) => id)).toEqual(['a']);
		expect(problems(reading).map((problem) => problem.slice(0, 24))).toEqual([
			'id 2: post "b" calls its',
			'rationale 3: annotator 1',
			'form 4: post "d": post_i',
		]);
		expect(reading.notes).toEqual([`1 post of the split not in ${join(folder, 'dataset.json')}`]);
	});
});

describe('files that are broken as a whole', () => {
	const train = (name: string): string => readFileSync(join(fixtures, 'e-snli', name), 'utf8');

	it('say which columns they lack', async () => {
		const folder = folderOf({ 'esnli_test.csv': train('esnli_test.csv').replace('gold_label', 'label') });
		await expect(read('e-snli', folder, 'test')).rejects.toThrow(
			/esnli_test\.csv: lacks the column gold_label\. It has pairID, label, /u,
		);
		const csv = readFileSync(join(fixtures, 'sst/SST_annot_after_processing.csv'), 'utf8').replace('text_id', 'id');
		await expect(read('sst', folderOf({ 'SST_annot_after_processing.csv': csv }), 'all')).rejects.toThrow(
			/lacks the column text_id/u,
		);
	});

	it('say once which column all rows lack, and that the file beside them is missing', async () => {
		const bios = ',text,title prob\n0,She cares for teeth.,0.9\n1,He operates.,0.8\n';
		await expect(read('medical-bios', folderOf({ 'biosbias.csv': bios }), 'test')).rejects.toThrow(
			/biosbias\.csv: lacks the column label or title\. It has /u,
		);
		const line = JSON.stringify({ claim: 'a', evidence: 'b' });
		await expect(read('fever', folderOf({ 'val.jsonl': `${line}\n${line}\n` }), 'val')).rejects.toThrow(
			/val\.jsonl: lacks the column label/u,
		);
		const name = 'cose_annot_after_processing.csv';
		const alone = folderOf({ [name]: readFileSync(join(fixtures, 'cos-e', name), 'utf8') });
		await expect(read('cos-e-annotations', alone, 'all')).rejects.toThrow(
			/ERASER's CoS-E is missing .*"rationale pull cos-e-annotations" fetch both/u,
		);
	});

	it('find an id that stands in both training files of e-SNLI', async () => {
		const [head = '', ...rows] = train('esnli_train_1.csv').trimEnd().split('\n');
		const second = `${train('esnli_train_2.csv').trimEnd()}\n${rows.at(-1)}\n`;
		const folder = folderOf({ 'esnli_train_1.csv': [head, ...rows, ''].join('\n'), 'esnli_train_2.csv': second });
		const reading = await read('e-snli', folder, 'train');
		expect(reading.examples).toHaveLength(18);
		expect(problems(reading)[0]).toMatch(/^id \d+: id .* is taken by line \d+ of esnli_train_1\.csv$/u);
	});

	it('count posts that JSON drops because their id comes again', async () => {
		const post = (tokens: string): string =>
			`"a": {"post_id": "a", "annotators": [{"label": "normal", "annotator_id": 1}], "rationales": [], "post_tokens": ["${tokens}"]}`;
		const folder = folderOf({
			'dataset.json': `{${post('x')}, ${post('y')}}`,
			'post_id_divisions.json': '{"test": ["a"]}',
		});
		const { examples, notes } = await read('hatexplain', folder, 'test');
		expect(examples.map(({ segments }) => segments[0]?.text)).toEqual(['y']);
		expect(notes).toEqual([`1 post of ${join(folder, 'dataset.json')} under an id that comes again, left out`]);
	});

	it('say where JSON ends', async () => {
		const folder = folderOf({ 'dataset.json': '{"a": {', 'post_id_divisions.json': '{"test": []}' });
		await expect(read('hatexplain', folder, 'test')).rejects.toThrow(/dataset\.json: is no JSON \(/u);
	});

	it('name documents that are damaged or stand twice', async () => {
		const line = (id: string, docid: string): string =>
			JSON.stringify({ annotation_id: id, classification: 'POS', query: '', docids: [docid], evidences: [] });
		const docs = [
			{ docid: 'd', document: 'a' },
			{ docid: 'd', document: 'b' },
			{ docid: 'e', document: 'c' },
		];
		const files = {
			'docs.jsonl': [...docs.map((doc) => JSON.stringify(doc)), '{"docid": "f", '].join('\n'),
			'test.jsonl': [line('1', 'd'), line('2', 'e'), line('3', 'f')].join('\n'),
		};
		const reading = await read('movies', folderOf(files), 'test');
		expect(reading.examples.map(({ id }) => id)).toEqual(['2']);
		expect(problems(reading)[0]).toMatch(/^id 1: document "d" stands in .* twice, with two texts$/u);
		expect(problems(reading)[1]).toMatch(/^form 3: document "f" is not in .* \(line 4 is not a JSON object\)$/u);
		const folder = folderOf({ 'docs/d': 'x', 'test.jsonl': line('1', 'd') });
		writeFileSync(join(folder, 'docs/d'), Buffer.from('caf\u00e9', 'latin1'));
		expect(problems(await read('movies', folder, 'test'))[0]).toMatch(/^text 1: .*: is not UTF-8 text/u);
	});
});

describe('annotations by six groups', () => {
	it('keep who marked what, and leave out those who see another label', async () => {
		const { examples, notes } = await read('dynasent', join(fixtures, 'dynasent'), 'all');
		expect(examples[0]?.annotations.map(({ annotator }) => annotator)).toEqual(['BO 200', 'WY 201']);
		expect(marked(examples[0])).toEqual([['fresh', 'kind.'], ['fresh']]);
		expect(notes).toEqual(['1 annotation of people who give the text another label than the dataset, left out']);
	});

	it('name rows that contradict each other', async () => {
		const file = readFileSync(join(fixtures, 'sst/SST_annot_after_processing.csv'), 'utf8');
		const broken = file
			.replace('"[0, 1, 1, 0, 0]",201', '"[0, 1, 1]",201')
			.replace(
				'We waited an hour and the soup was cold.,negative,negative,2,"waited,hour',
				'We waited.,negative,negative,2,"waited,hour',
			);
		const folder = folderOf({ 'SST_annot_after_processing.csv': broken });
		const reading = await read('sst', folder, 'all');
		expect(problems(reading).length).toBeGreaterThan(0);
	});

	it('take the answers of CoS-E from ERASER', async () => {
		const { examples } = await read('cos-e-annotations', join(fixtures, 'cos-e'), 'all');
		expect(examples[0]?.segments.map(({ name }) => name)).toEqual(['question', 'answers']);
		expect(examples[0]).toMatchObject({ label: 'B', unjudged: [1] });
		const folder = folderOf({
			'cose_annot_after_processing.csv': readFileSync(join(fixtures, 'cos-e/cose_annot_after_processing.csv'), 'utf8'),
		});
		mkdirSync(join(folder, 'docs'));
		writeFileSync(join(folder, 'test.jsonl'), '{"annotation_id": "other"}\n');
		const others = await read('cos-e-annotations', folder, 'all');
		expect(others.badRows[0]?.problem).toBe('question "c00ff" is not in ERASER\'s CoS-E');
	});
});

test('a path that leads nowhere says what is expected', async () => {
	await expect(read('e-snli', join(temporary, 'none'), 'test')).rejects.toThrow(/no such file.*esnli_test\.csv/u);
	await expect(read('hatexplain', temporary, 'test')).rejects.toThrow(/holds none.*dataset\.json/u);
	expect(() => publishedNamed('esnli', 'study.yaml')).toThrow('Did you mean "e-snli"?');
});

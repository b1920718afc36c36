import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../config/studyFile.ts';
import { type LoadedDataset, loadDataset } from './loadDataset.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'data-'));
	await writeFile(
		join(folder, 'own.csv'),
		'text,label,marks\na good film,good,1\nbad,bad,0\na fine day,good,"1,2"\nlong rationale,good,7\n',
	);
});
afterEach(() => rm(folder, { recursive: true }));

function load(
	entry: Readonly<Record<string, unknown>>,
	changes: Readonly<Record<string, unknown>> = {},
): Promise<LoadedDataset> {
	const file = { path: 'own.csv', text: 'text', label: 'label', rationale: { column: 'marks', form: 'word_indices' } };
	const dataset = { id: 'own', file: { ...file, ...changes }, onBadRow: 'skip', ...entry };
	const text = JSON.stringify({ models: ['m'], datasets: [dataset] });
	const [own] = parseConfig(text, join(folder, 'study.yaml')).datasets;
	if (own === undefined) throw new Error('no dataset');
	return loadDataset(own, 1);
}
const task = { instruction: 'Good or bad?' };

describe('loadDataset: a file of one’s own', () => {
	it('takes labels from the file, answers from the labels, titles from the segment names', async () => {
		const { dataset, badRows } = await load({ task });
		expect(dataset).toMatchObject({ id: 'own', title: 'own', split: 'all' });
		expect(dataset.task).toEqual({
			id: 'own',
			instruction: 'Good or bad?',
			segmentTitles: { text: 'Text' },
			labels: ['good', 'bad'],
			verbalizers: { good: 'good', bad: 'bad' },
		});
		expect(dataset.examples).toHaveLength(3);
		expect(badRows).toMatchObject([{ line: 5 }]);
	});

	it('takes the mean share of annotated words from the whole file, whatever the limit', async () => {
		const all = (await load({ task })).dataset.meanShare;
		expect(all).toBeCloseTo((1 / 3 + 1 + 2 / 3) / 3, 12);
		expect((await load({ task, limit: 2 })).dataset).toMatchObject({ meanShare: all, examples: { length: 2 } });
	});

	it.each([
		[
			'labels the file does not have',
			{ task: { ...task, labels: ['good', 'awful'] }, onBadRow: 'stop' },
			/unknown label "bad"/,
		],
		[
			'answers for no label',
			{ task: { ...task, verbalizers: { god: 'x' } } },
			/verbalizers: unknown label "god".*"good"/,
		],
		['one answer for two labels', { task: { ...task, verbalizers: { good: 'bad' } } }, /"bad" stands for two labels/],
		['titles of no segment', { task: { ...task, segmentTitles: { txt: 'x' } } }, /unknown segment "txt".*"text"/],
		[
			'a task of other segments',
			{ task: 'planted-nli' },
			/file\.text: the task asks about premise, hypothesis; the table has text\./,
		],
		[
			'a file that is nowhere',
			{ task, file: { path: 'nowhere.csv', text: 'text', label: 'label' } },
			/there is no file .*nowhere\.csv/,
		],
		[
			'a bundled split that does not exist',
			{ id: 'planted-bios', file: undefined, onBadRow: undefined, split: 'dev' },
			/split "dev"/,
		],
	])('refuses %s', async (_, entry, message) => {
		await expect(load(entry)).rejects.toThrow(message);
	});

	it('needs two labels', async () => {
		await expect(load({ task }, { label: undefined })).rejects.toThrow(/at least two labels, got none/);
	});
});

describe('few-shot examples and tasks from anywhere', () => {
	const files = async (): Promise<void> => {
		await writeFile(join(folder, 'own.csv'), 'text,label\na good film,good\nbad,bad\na fine day,good\ndull,bad\n');
		await writeFile(join(folder, 'shots.csv'), 'text,label\nwonderful,good\nawful,bad\nbad,bad\n');
		await writeFile(join(folder, 'other.tsv'), 'says\tis\nlovely\tgood\npoor\tbad\n');
	};
	const plain = { file: { path: 'own.csv', text: 'text', label: 'label' }, onBadRow: 'stop' };
	const shownTexts = async (entry: object): Promise<string[]> => {
		await files();
		const { dataset } = await load({ ...plain, task, ...entry });
		const classified = dataset.examples.map(({ segments }) => segments[0]?.text);
		const shown = (dataset.task.demonstrations ?? []).map(({ segments }) => segments[0]?.text ?? '');
		expect(shown.filter((text) => classified.includes(text))).toEqual([]);
		return shown;
	};

	it('are what is not classified of the same file, another file, or another table', async () => {
		expect(await shownTexts({ limit: 2, fewShot: { n: 2 } })).toHaveLength(2);
		expect((await shownTexts({ fewShot: { n: 2, from: { file: 'shots.csv' } } })).toSorted()).toEqual([
			'awful',
			'wonderful',
		]);
		const table = { path: 'other.tsv', text: 'says', label: 'is' };
		expect((await shownTexts({ fewShot: { n: 2, from: { file: table } } })).toSorted()).toEqual(['lovely', 'poor']);
	});

	it('are refused where too few are left after the limit, with line and key', async () => {
		await expect(shownTexts({ limit: 2, fewShot: { n: 3 } })).rejects.toThrow(
			'datasets (own).fewShot: own.csv has 2 labelled texts that are not to be classified themselves; 3 were asked for.',
		);
		await expect(shownTexts({ fewShot: { n: 3, from: { file: 'shots.csv' } } })).rejects.toThrow(
			/shots\.csv has 2 labelled texts/,
		);
	});

	it('of a bundled dataset can stand in a table; texts about something else are refused', async () => {
		await files();
		await writeFile(join(folder, 'bios.csv'), 'bio,job\nHe cares for teeth.,dentist\nShe helps patients.,nurse\n');
		const fewShot = { n: 1, from: { file: { path: 'bios.csv', text: 'bio', label: 'job' } } };
		const { dataset } = await load({ id: 'planted-bios', file: undefined, onBadRow: undefined, limit: 3, fewShot });
		expect(dataset.task.demonstrations).toHaveLength(1);
		const from = { file: { path: 'shots.csv', segments: { review: 'text' }, label: 'label' } };
		await expect(load({ ...plain, task, fewShot: { n: 1, from } })).rejects.toThrow(/segments review; .* are text/);
	});

	it('a table may name the task of a published dataset; its one text is that of the task', async () => {
		await writeFile(join(folder, 'own.csv'), 'text,label\nShe cares for teeth.,dentist\nHe operates.,surgeon\n');
		const { dataset, wordings, inOrder } = await load({ ...plain, task: 'medical-bios' });
		expect(dataset.task).toMatchObject({ id: 'medical-bios/1', segmentTitles: { biography: 'Biography' } });
		expect(dataset.examples[0]?.segments.map(({ name }) => name)).toEqual(['biography']);
		expect(wordings.length).toBeGreaterThan(0);
		expect(inOrder).not.toBeNull();
		await expect(load({ ...plain, task: 'e-snli' })).rejects.toThrow(/asks about premise, hypothesis/);
	});

	it('a file is looked for beside the study file, then in its data folder', async () => {
		const data = await mkdtemp(join(tmpdir(), 'far-'));
		await writeFile(join(data, 'far.csv'), 'text,label\nx,good\ny,bad\n');
		const text = JSON.stringify({
			models: ['m'],
			data,
			datasets: [{ id: 'far', file: { path: 'far.csv', text: 'text', label: 'label' }, task }],
		});
		const [far] = parseConfig(text, join(folder, 'study.yaml')).datasets;
		expect(far?.file?.path).toBe(join(data, 'far.csv'));
		await rm(data, { recursive: true });
	});

	it('a column that is not there is told with the key that names it', async () => {
		const config = parseConfig(
			`models: [m]\ndatasets:\n  - id: own\n    task: { instruction: x }\n    file:\n      path: own.csv\n      text: txt\n`,
			join(folder, 'study.yaml'),
		);
		const [entry] = config.datasets;
		if (entry === undefined) throw new Error('no dataset');
		await expect(loadDataset(entry, 1, (path) => config.place(['datasets', 0, ...path]))).rejects.toThrow(
			/study\.yaml:7 \(datasets\[0\]\.file\.text\): unknown column of own\.csv "txt"\. Did you mean "text"/,
		);
		// A shorthand has no such key: the nearest thing that was written is named.
		expect(config.place(['datasets', 0, 'limit'])).toMatch(/study\.yaml:3 \(datasets\[0\]\)$/);
	});
});

describe('examples', () => {
	it.each(['quickstart', 'planted', 'own-data'])('%s.yaml can be loaded', async (name) => {
		const config = await loadConfig(fileURLToPath(new URL(`../../../examples/${name}.yaml`, import.meta.url)));
		expect(config.study).toBe(name);
		for (const entry of config.datasets) {
			const { dataset, badRows } = await loadDataset(entry, config.seed);
			expect(badRows).toEqual([]);
			expect(dataset.examples.length).toBeGreaterThanOrEqual(30);
			expect(dataset.meanShare).toBeGreaterThan(0);
		}
	});
});

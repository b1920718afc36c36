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
		expect(dataset).toMatchObject({ id: 'own', title: 'own.csv', split: 'all' });
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
		['a task of other segments', { task: 'planted-nli' }, /unknown segment "text".*premise, hypothesis/],
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

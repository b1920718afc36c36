import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeModel } from '../../testing/fakeModel.ts';
import { fakeSource, goodAndBad } from '../../../test/support/smallStudy.ts';
import type { StudyRecord } from '../../records/records.ts';
import type { DatasetEntry } from '../config/datasetEntry.ts';
import { parseConfig } from '../config/studyFile.ts';
import { loadDataset } from './loadDataset.ts';
import { runStudy, type StudyResult } from '../../runStudy.ts';
import { labelOrders } from './taskVariants.ts';

let folder = '';
const opened: FakeModel[] = [];
beforeEach(async () => {
	opened.length = 0;
	folder = await mkdtemp(join(tmpdir(), 'sensitivity-'));
	await writeFile(join(folder, 'texts.csv'), 'text,label\na good film,pos\na bad film,neg\na film,pos\n');
	await writeFile(
		join(folder, 'task.yaml'),
		[
			'id: liking',
			'version: 1',
			'system: "Liked? {labels}."',
			'user: "Text: {text}"',
			'segments: { text: Text }',
			'labels: { pos: positive, neg: negative }',
			'wordings:',
			'  - { id: biased, system: "A bad one? {labels}." }',
		].join('\n'),
	);
});
afterEach(() => rm(folder, { recursive: true }));

const inline = (instruction: string) => ({ instruction, labels: ['pos', 'neg'] });

async function run(sensitivity: object, task: unknown = './task.yaml', out = 'out'): Promise<StudyResult> {
	const study = {
		models: ['fake'],
		datasets: [{ id: 'texts', file: { path: 'texts.csv', text: 'text', label: 'label' }, task }],
		methods: ['attention'],
		selections: ['top_k'],
		topK: 1,
		curve: [],
		bootstrap: { resamples: 100 },
		sensitivity,
	};
	await writeFile(join(folder, 'study.yaml'), JSON.stringify(study));
	const source = fakeSource(goodAndBad, opened);
	return runStudy({ path: join(folder, 'study.yaml'), out: join(folder, out), source, versions: { test: '1' } });
}

describe('a study that asks in several ways', () => {
	it('says how often the answer stays, with accuracy beside that of the task as it is', async () => {
		const { input, added } = await run({ wordings: 'all', labelOrders: 1 });
		expect(added).toBe(3 * (1 + 1) + 3 * 2);
		const [wording, order] = input.summary.sensitivity ?? [];
		// "bad" in the question speaks for negative: it takes the place of a draw, and "good" is outweighed to a draw.
		expect(wording).toMatchObject({ variant: 'wording biased', n: 3, missing: 0, userTurn: 'Text: {text}' });
		expect(wording?.usualAccuracy.value).toBe(1);
		expect(wording?.accuracy.value).toBeCloseTo(2 / 3, 12);
		expect(wording?.same.value).toBeCloseTo(2 / 3, 12);
		expect(order).toMatchObject({
			variant: 'answers in the order neg, pos',
			instruction: 'Liked? negative or positive.',
		});
		expect(order?.same.value).toBe(1);
		const report = await readFile(join(folder, 'out/report.html'), 'utf8');
		expect(report).toContain('id="sensitivity"');
		expect(report).toContain('A bad one? positive or negative.');
	});

	it('keeps these answers apart from all other figures', async () => {
		const { input } = await run({ wordings: ['biased'] });
		const { input: plain } = await run({}, './task.yaml', 'plain');
		expect(input.summary.rows).toEqual(plain.summary.rows);
		expect(input.records).toEqual(plain.records);
		const lines = (await readFile(join(folder, 'out/records.jsonl'), 'utf8')).trim().split('\n');
		const kinds = lines.map((line) => (JSON.parse(line) as StudyRecord).kind);
		expect(kinds.filter((kind) => kind === 'variant')).toHaveLength(3);
	});

	it('asks nothing the second time, and only new variants later', async () => {
		await run({ wordings: 'all' });
		expect((await run({ wordings: 'all' })).added).toBe(0);
		expect((await run({ wordings: 'all', labelOrders: 1 })).added).toBe(3);
		expect(opened).toHaveLength(2);
	});

	it('asks a task of the study file in other orders, where it lists its answers', async () => {
		const { input, added } = await run({ labelOrders: 3 }, inline('Liked? Say pos or neg.'));
		expect(added).toBe(3 * (1 + 1) + 3);
		expect(input.summary.sensitivity).toMatchObject([
			{ variant: 'answers in the order neg, pos', instruction: 'Liked? Say neg or pos.', n: 3 },
		]);
		const bundled = parseConfig(JSON.stringify({ models: ['m'], datasets: ['planted-claims'] }), 'study.yaml');
		const { dataset, inOrder } = await loadDataset(bundled.datasets[0] as DatasetEntry, 1);
		expect(inOrder?.(dataset.task.labels.toReversed()).instruction).toContain('Answer with one word: false or true.');
	});

	it('refuses wordings nobody has, and tasks that list no answers', async () => {
		await expect(run({ wordings: ['biassed'] })).rejects.toThrow('Did you mean "biased"?');
		await expect(run({ labelOrders: 1 }, inline('Liked?'))).rejects.toThrow(
			/other orders need an instruction that lists all answers/u,
		);
	});
});

describe('labelOrders', () => {
	it('are different, never the usual one, and as many as there are', () => {
		expect(labelOrders(['a', 'b'], 5, 1)).toEqual([['b', 'a']]);
		const orders = labelOrders(['a', 'b', 'c'], 9, 1).map((order) => order.join(''));
		expect(orders[0]).toBe('cba');
		expect(new Set(orders).size).toBe(5);
		expect(orders).not.toContain('abc');
		expect(labelOrders(['a', 'b', 'c', 'd', 'e'], 3, 1)).toHaveLength(3);
		expect(labelOrders(['a', 'b', 'c'], 0, 1)).toEqual([]);
	});
});

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classificationPrompt } from '../../prompts/classification.ts';
import { parseConfig } from '../config/studyFile.ts';
import { type LoadedDataset, loadDataset } from './loadDataset.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/datasets', import.meta.url));
let folder = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'published-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(entry: Readonly<Record<string, unknown>>, study: object = {}): Promise<LoadedDataset> {
	const text = JSON.stringify({ models: ['m'], data: fixtures, datasets: [entry], ...study });
	const [own] = parseConfig(text, join(folder, 'study.yaml')).datasets;
	if (own === undefined) throw new Error('no dataset');
	return loadDataset(own, 1);
}

describe('published datasets in a study', () => {
	it('are read from the data folder, with the task of their task file', async () => {
		const { dataset, notes, wordings } = await load({ id: 'hatexplain', path: 'hatexplain' });
		expect(dataset).toMatchObject({ id: 'hatexplain', split: 'test', task: { id: 'hatexplain/1' } });
		expect(dataset.examples).toHaveLength(9);
		expect(dataset.meanShare).toBeGreaterThan(0);
		expect(notes).toEqual(['hatexplain: 1 post on whose label all three annotators differ, left out.']);
		expect(wordings.map(({ id }) => id)).toEqual(['question']);
	});

	it('without a path are the folder of their name in the data folder', async () => {
		expect((await load({ id: 'e-snli' })).dataset.examples).toEqual(
			(await load({ id: 'e-snli', path: 'e-snli' })).dataset.examples,
		);
	});

	it('may have another name, split, limit and task file', async () => {
		const original = await readFile(fileURLToPath(new URL('../../../tasks/e-snli.yaml', import.meta.url)), 'utf8');
		await writeFile(join(folder, 'mine.yaml'), original.replace('id: e-snli', 'id: mine'));
		const entry = { id: 'dev-pairs', format: 'e-snli', path: 'e-snli', split: 'validation', limit: 3 };
		const { dataset } = await load({ ...entry, task: './mine.yaml' });
		expect(dataset).toMatchObject({ id: 'dev-pairs', split: 'validation', task: { id: 'mine/1' } });
		expect(dataset.examples).toHaveLength(3);
	});

	it('show examples of another split, which are never those to classify', async () => {
		const { dataset } = await load({ id: 'e-snli', path: 'e-snli', fewShot: { count: 3 } });
		const shown = dataset.task.demonstrations ?? [];
		expect(new Set(shown.map(({ label }) => label))).toEqual(new Set(['contradiction', 'entailment', 'neutral']));
		const [example] = dataset.examples;
		if (example === undefined) throw new Error('no example');
		const messages = classificationPrompt.messages(dataset.task, example);
		expect(messages.map(({ role }) => role)).toEqual(['system', ...shown.flatMap(() => ['user', 'assistant']), 'user']);
		expect(messages.at(-1)?.content).toMatch(/^Premise: .*\nHypothesis: .*$/u);
		await expect(load({ id: 'e-snli', path: 'e-snli', fewShot: { count: 99 } })).rejects.toThrow(
			/has 18 labelled texts/u,
		);
	});

	it('show examples of a bundled dataset as well', async () => {
		const { dataset } = await load({ id: 'planted-bios', fewShot: { count: 5 } });
		expect(dataset.task.demonstrations).toHaveLength(5);
	});

	it.each([
		['a task of other labels', { task: './labels.yaml' }, /unknown label \(of the data\) "contradiction"/u],
		[
			'a task of other segments',
			{ task: './segments.yaml' },
			/unknown segment "text"|unknown segment \(of the data\)/u,
		],
		['an instruction in place of a task file', { task: { instruction: 'x' } }, /takes a task file/u],
		['a split that does not exist', { split: 'tets' }, /unknown split "tets"/u],
	])('refuse %s', async (_, change, message) => {
		const head = 'id: t\nversion: 1\nsystem: "{labels}"\n';
		const two = 'user: "{premise} {hypothesis}"\nsegments: { premise: P, hypothesis: H }\n';
		await writeFile(join(folder, 'labels.yaml'), `${head}${two}labels: { entailment: yes, neutral: no }\n`);
		const three = 'labels: { entailment: a, neutral: b, contradiction: c }\n';
		await writeFile(join(folder, 'segments.yaml'), `${head}user: "{text}"\nsegments: { text: T }\n${three}`);
		await expect(load({ id: 'e-snli', path: 'e-snli', ...change })).rejects.toThrow(message);
	});

	it('stop at bad rows unless they are to be skipped', async () => {
		await writeFile(join(folder, 'fever.jsonl'), '{"claim":"a","label":"SUPPORTS","evidence":"b"}\n{"claim":"a"}\n');
		const entry = { id: 'fever', path: join(folder, 'fever.jsonl') };
		await expect(load(entry)).rejects.toThrow(/1 row cannot be used \(form 1\)[^]*fever\.jsonl:2: /u);
		const { dataset, badRows } = await load({ ...entry, onBadRow: 'skip' });
		expect(dataset.examples).toHaveLength(1);
		expect(badRows).toMatchObject([{ kind: 'form', line: 2 }]);
	});

	it('count the bad rows of examples to show as well, in the order of their lines', async () => {
		await cp(join(fixtures, 'fever-plain'), join(folder, 'fever'), { recursive: true });
		const line = '{"claim":"a","label":"SUPPORTS","evidence":"b","id":"x"}';
		await writeFile(join(folder, 'fever', 'train.jsonl'), `${line}\n${line}\n{"claim":"c"}\n${line}\n`);
		const entry = { id: 'fever', split: 'val', path: join(folder, 'fever'), fewShot: { count: 1 } };
		await expect(load(entry)).rejects.toThrow(/train\.jsonl:2: .*; so in 2 rows: 2, 4\n.*train\.jsonl:3: /u);
		const { badRows } = await load({ ...entry, onBadRow: 'skip' });
		expect(badRows.map(({ kind, line: at }) => [kind, at])).toEqual([
			['id', 2],
			['form', 3],
			['id', 4],
		]);
	});

	it.each([
		[
			{ id: 'pairs', format: 'e-snli' },
			/\(pairs\): the files of pairs are not here\. "rationale pull e-snli" fetches them/u,
		],
		[{ id: 'esnli', path: 'x' }, /unknown value "esnli". Did you mean "e-snli"/u],
		[{ id: 'planted-bios', path: 'x' }, /path\): is for a published dataset only/u],
		[{ id: 'planted-bios', format: 'e-snli', path: 'x' }, /is the name of a bundled dataset/u],
		[
			{ id: 'own', file: { path: 'a.csv', text: 't' }, path: 'x', task: { instruction: 'i' } },
			/is for a published dataset/u,
		],
	])('are refused in a study file: %j', async (entry, message) => {
		await expect(load(entry)).rejects.toThrow(message);
	});
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError, UserError } from '../core/errors.ts';
import { createFakeModel } from '../testing/fakeModel.ts';
import { explainText } from './explainText.ts';
import { createModelSource, openModel, readTable, runStudy } from './index.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'api-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A caller without types. */
const untyped = (value: unknown): never => value as never;

const model = createFakeModel({ weights: { surgery: { surgeon: 3 }, animal: { entailment: 2 } } });
const text = 'She runs a practice for surgery.';

describe('options', () => {
	it('that do not exist are named, with the nearest one that does', async () => {
		await expect(openModel('tiny-instruct', untyped({ devise: 'cpu' }))).rejects.toThrow(
			/^openModel \(devise\): unknown key "devise"\. Did you mean "device"\?/u,
		);
		expect(() => createModelSource(untyped({ weights: 'int9' }))).toThrow(/createModelSource \(weights\): .*"int9"/u);
		await expect(runStudy('study.yaml', untyped({}))).rejects.toThrow(/runStudy \(out\): this key is required/u);
		await expect(explainText(model, 'planted-bios', text, untyped({ methods: [] }))).rejects.toThrow(
			/explainText \(methods\): must name at least one/u,
		);
	});

	it('all wrong ones are told at once', async () => {
		const found = await openModel('tiny-instruct', untyped({ devise: 'cpu', memory: 'much' })).catch(String);
		expect(found).toContain('devise');
		expect(found).toContain('memory');
	});
});

describe('explainText', () => {
	const quick = { methods: ['attention'], wordCount: 1 } as const;

	it('takes a task by name, by file and as an object', async () => {
		const file = join(folder, 'mood.yaml');
		await writeFile(
			file,
			'id: mood\nversion: 1\nsystem: "Answer with {labels}."\nuser: "{text}"\nsegments: { text: Text }\nlabels: { good: good, bad: bad }\n',
		);
		expect((await explainText(model, 'planted-bios', text, quick)).prediction.label).toBe('surgeon');
		expect((await explainText(model, file, text, quick)).task).toBe('mood/1');
		const { DATASETS } = await import('../datasets/datasets.ts');
		expect((await explainText(model, DATASETS['planted-nli'].task, ['a', 'b'], quick)).task).toBe('planted-nli');
	});

	it('takes segments by name and in order, and says which it lacks', async () => {
		const named = { hypothesis: 'An animal rests.', premise: 'A dog sleeps.' };
		const inOrder = ['A dog sleeps.', 'An animal rests.'];
		const byName = await explainText(model, 'planted-nli', named, quick);
		expect(await explainText(model, 'planted-nli', inOrder, quick)).toEqual(byName);
		await expect(explainText(model, 'planted-nli', text, quick)).rejects.toThrow(
			/about premise and hypothesis, got 1 texts.*premise: '…', hypothesis: '…'/u,
		);
		await expect(explainText(model, 'planted-nli', { premise: 'a' }, quick)).rejects.toThrow(/segment "hypothesis"/u);
		await expect(explainText(model, 'planted-bios', { body: 'a' }, quick)).rejects.toThrow(/"body".*text/u);
	});

	it('stops before the next call to the model', async () => {
		const stop = new AbortController();
		stop.abort();
		const stopped = explainText(model, 'planted-bios', text, { ...quick, signal: stop.signal });
		await expect(stopped).rejects.toThrow(InterruptedError);
	});

	it('refuses a label to contrast with that the task does not have', async () => {
		await expect(explainText(model, 'planted-bios', text, { ...quick, foil: 'pilot' })).rejects.toThrow(
			/"pilot".*surgeon/u,
		);
	});
});

describe('runStudy', () => {
	it('needs a study file and a folder, and finds the rest itself', async () => {
		const path = join(folder, 'study.yaml');
		await writeFile(path, 'models: [tiny-base]\ndatasets: [{ id: planted-bios, limit: 2 }]\nmethods: [random]\n');
		const seen: string[] = [];
		const { added, input } = await runStudy(path, {
			out: join(folder, 'out'),
			onProgress: ({ phase }) => void seen.push(phase),
		});
		expect(added).toBe(4);
		expect(input.study.startedWith).toHaveProperty('llm-rationale');
		expect(seen).toContain('predict');
	});
});

describe('readTable', () => {
	it('reads a file of one’s own and says what is wrong with its description', async () => {
		const path = join(folder, 'films.csv');
		await writeFile(path, 'review,mood\nA dull film.,bad\nA fine film.,good\n');
		const { examples, labels } = await readTable({ path, text: 'review', label: 'mood' }, { limit: 1 });
		expect([examples.length, labels]).toEqual([1, ['bad', 'good']]);
		await expect(readTable(untyped({ path }))).rejects.toThrow(UserError);
	});
});

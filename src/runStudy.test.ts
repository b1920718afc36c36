import assert from 'node:assert/strict';
import { access, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../test/support/smallStudy.ts';
import { InterruptedError } from './core/errors.ts';
import type { RationaleRecord, StudyRecord } from './records/records.ts';

let study: SmallStudy | null = null;
const small = async (...options: Parameters<typeof createSmallStudy>): Promise<SmallStudy> =>
	(study = await createSmallStudy(...options));
afterEach(async () => {
	await study?.remove();
	study = null;
});

const recordsOf = async (from: SmallStudy): Promise<StudyRecord[]> =>
	(await from.read('records.jsonl'))
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as StudyRecord);
const rationaleOf = (records: readonly StudyRecord[], method: string, example: string): RationaleRecord =>
	records.find(
		(record) => record.kind === 'rationale' && record.method === method && record.example === example,
	) as RationaleRecord;
const selected = (record: RationaleRecord, selection: string) =>
	record.selections.find((candidate) => candidate.selection === selection);

describe('runStudy: a whole study', () => {
	it('writes its files and one record per cell, in the order of the plan', async () => {
		const run = await small();
		const result = await run.run();
		expect(result.added).toBe(4 * (1 + 5));
		expect(result.written.map((path) => path.slice(run.out.length + 1))).toEqual([
			'study.yaml',
			'summary.json',
			'report.html',
			'tables.md',
			'tables.tex',
			'tables.csv',
		]);
		const records = await recordsOf(run);
		const order = ['one', 'two', 'three', 'four'].flatMap((id) => Array.from({ length: 6 }, () => id));
		expect(records.map(({ example }) => example)).toEqual(order);
		expect(records.slice(0, 6).map((record) => (record.kind === 'rationale' ? record.method : record.kind))).toEqual([
			'prediction',
			'attention',
			'input_x_gradient.dot',
			'prompt.unbound',
			'random',
			'human',
		]);
		expect(JSON.parse(await run.read('summary.json'))).toMatchObject({ schema: 1, study: 'small' });
		expect(await run.read('report.html')).toContain('small');
		expect(run.opened.map(({ calls }) => calls.closed)).toEqual([1]);
	});

	it('chooses, masks and answers as worked out by hand', async () => {
		const run = await small();
		await run.run();
		const records = await recordsOf(run);
		const gradient = rationaleOf(records, 'input_x_gradient.dot', 'three');
		expect(gradient.scores).toEqual([2, 0, 0, -2, 0, 0, 2, 0]);
		expect(selected(gradient, 'top_var')).toMatchObject({
			ties: 0,
			masked: { space: 'positive', delete: 'positive' },
		});
		expect(selected(gradient, 'top_var')?.words.toSorted()).toEqual([0, 6]);
		expect(selected(gradient, 'top_ratio')?.words).toHaveLength(3);
		expect(selected(gradient, 'own')).toBeUndefined();
		expect(gradient.curve).toEqual([
			{ share: 0, label: 'negative' },
			{ share: 0.5, label: 'positive' },
			{ share: 1, label: 'positive' },
		]);
		const prompted = rationaleOf(records, 'prompt.unbound', 'three');
		expect(prompted.answer).toEqual({
			raw: '["bad","good","bad"]',
			status: 'ok',
			wrongLength: false,
			unmatched: [],
		});
		expect(selected(prompted, 'own')?.words.toSorted()).toEqual([0, 3, 6]);
		expect(prompted).toMatchObject({ scores: null, curve: null });
	});

	it('sums up as worked out by hand', async () => {
		const result = await (await small()).run();
		const at = { model: 'fake', dataset: 'sentences', subset: 'all' };
		expect(rowOf(result, { ...at, metric: 'accuracy' })).toMatchObject({ value: 1, n: 4, missing: 0, chance: 0.5 });
		expect(rowOf(result, { ...at, metric: 'label_share.negative' }).value).toBe(0.5);
		const f1 = { ...at, metric: 'token_f1.macro' };
		expect(rowOf(result, { ...f1, method: 'input_x_gradient.dot', selection: 'top_var' }).value).toBe(0.75);
		expect(rowOf(result, { ...f1, method: 'prompt.unbound', selection: 'own' }).value).toBeCloseTo(0.7, 12);
		const chance = (1 / 3 + 1 / 3 + 2 / 8 + 1 / 3) / 4;
		const human = rowOf(result, { ...f1, method: 'human', selection: 'own' });
		expect(human).toMatchObject({ value: 1, chance: expect.closeTo(chance, 12) as number });
		const flips = { ...at, metric: 'flip_rate', masking: 'space', method: 'input_x_gradient.dot' };
		const flip = rowOf(result, { ...flips, selection: 'top_var' });
		expect(flip).toMatchObject({ value: 0.5, n: 4, missing: 0 });
		expect(flip.note).toMatch(/^evaluable with care: only 4 examples/);
		const excess = rowOf(result, { ...flips, metric: 'flip_rate.excess', selection: 'top_var' });
		expect(excess.value).toBeCloseTo((flip.value ?? NaN) - (flip.chance ?? NaN), 12);
		expect(rowOf(result, { ...flips, subset: 'incorrect', selection: 'top_var' })).toMatchObject({ value: null, n: 0 });
		expect(rowOf(result, { ...at, method: 'random', metric: 'average_precision' }).selection).toBeNull();
	});

	it('masks the same random words for methods that choose as many', async () => {
		const run = await small();
		await run.run();
		const records = await recordsOf(run);
		for (const example of ['one', 'two', 'three', 'four']) {
			const [first, second] = ['attention', 'random'].map((method) =>
				selected(rationaleOf(records, method, example), 'top_var'),
			);
			expect(first?.control).toEqual(second?.control);
			expect(first?.control['space']).toHaveLength(2);
		}
	});

	it('scores each different masked prompt once', async () => {
		const run = await small();
		await run.write({ methods: ['human'], selections: ['top_var', 'own'], maskings: ['space'], control: { draws: 0 } });
		await run.run();
		// Without "good" and without "bad", the first two sentences are the same.
		expect(run.opened[0]?.calls).toMatchObject({ scoredPrompts: 4 + 3, attribute: 0, generate: 0 });
	});
});

describe('runStudy: texts in which nobody marked words', () => {
	const file = { path: 'sentences.csv', id: 'id', text: 'text', label: 'label' };
	const task = { instruction: 'Is it liked?', labels: ['positive', 'negative'] };
	const plain = { id: 'plain', file, task };
	const marked = { ...plain, id: 'marked', file: { ...file, rationale: { column: 'mask', form: 'binary_words' } } };

	it('are masked by a fifth of their words unless the study says otherwise, and the run says so', async () => {
		const run = await small();
		await run.write({ datasets: [plain] });
		const result = await run.run();
		const at = { dataset: 'plain', subset: 'all', metric: 'flip_rate', masking: 'space' } as const;
		for (const method of ['attention', 'input_x_gradient.dot']) {
			expect(rowOf(result, { ...at, method, selection: 'top_share' })).toMatchObject({ n: 4, missing: 0 });
		}
		const records = await recordsOf(run);
		// A fifth of 8 words is 2, of 3 words 1.
		expect(selected(rationaleOf(records, 'attention', 'three'), 'top_share')?.words).toHaveLength(2);
		expect(selected(rationaleOf(records, 'attention', 'one'), 'top_share')?.words).toHaveLength(1);
		expect(result.notes.join()).toContain('plain: nobody marked words');
		expect(result.input.summary.rows.map(({ selection }) => selection)).not.toContain('top_var');
	});

	it('stand beside others in one study, each chosen from as it can be', async () => {
		const run = await small();
		await run.write({ datasets: [marked, plain], methods: ['attention', 'prompt.top_k'] });
		const { input, notes } = await run.run();
		const made = (dataset: string) => [
			...new Set(input.summary.rows.filter((row) => row.dataset === dataset).flatMap((row) => row.selection ?? [])),
		];
		expect(made('marked')).toEqual(['top_var', 'top_ratio', 'own']);
		expect(made('plain')).toEqual(['top_share', 'own']);
		const without = input.summary.rows.filter(({ metric, n }) => metric === 'flip_rate' && n === 0);
		expect(without.filter(({ subset }) => subset === 'all')).toEqual([]);
		expect(notes.filter((note) => note.includes('nobody marked words'))).toHaveLength(1);
		expect(await recordsOf(run)).toHaveLength(2 * 4 * 3);
		// What is written can be run itself and gives the same.
		const again = await run.run({ path: join(run.out, 'study.yaml') });
		expect(again).toMatchObject({ added: 0 });
	});

	it('can be shown with examples of another file, which the written study names', async () => {
		const run = await small();
		await writeFile(join(run.folder, 'shots.csv'), 'text,label\na fine film,positive\na poor film,negative\n');
		const fewShot = { n: 1, from: { file: { path: 'shots.csv', text: 'text', label: 'label' } } };
		await run.write({ datasets: [{ ...plain, fewShot }], methods: ['attention'] });
		await run.run();
		expect(await run.read('study.yaml')).toContain('path: ../shots.csv');
		expect(await run.run({ path: join(run.out, 'study.yaml') })).toMatchObject({ added: 0 });
	});

	it('leave the records of marked texts as they were: the default is the same as named', async () => {
		const run = await small();
		await run.run();
		await run.write({ selections: ['top_var', 'top_ratio', 'own'], guidedBy: 'top_var' });
		expect(await run.run()).toMatchObject({ added: 0 });
	});

	it('refuse a choice that goes by marked words before anything runs, with line and what is possible', async () => {
		const run = await small();
		await run.write({ datasets: [marked, plain], selections: ['top_var', 'top_k', 'top_ratio'], topK: 1 });
		await expect(run.run()).rejects.toThrow(
			/small\.yaml:1 \(selections\): "top_var", "top_ratio" can only be made where people marked words.*"plain"\. Possible there: top_share, top_k, own/u,
		);
		await run.write({ datasets: [plain], methods: ['prompt.top_k'], selections: ['own'], guidedBy: 'top_var' });
		await expect(run.run()).rejects.toThrow(/\(guidedBy\): "top_var" .* Possible there: top_share, top_k\./u);
		expect(run.opened).toEqual([]);
		await run.write({ datasets: [plain], selections: ['top_share'], topShare: 0.7, methods: ['attention'] });
		await run.run();
		expect(selected(rationaleOf(await recordsOf(run), 'attention', 'one'), 'top_share')?.words).toHaveLength(2);
	});
});

describe('runStudy: again, after whatever happened', () => {
	it('does nothing when finished, and says so', async () => {
		const run = await small();
		await run.run();
		const result = await run.run();
		expect(result).toMatchObject({ added: 0, written: [] });
		expect(result.notes.join()).toContain('nothing was computed');
		expect(run.opened).toHaveLength(1);
	});

	it('continues from a torn file to the same files', async () => {
		const run = await small();
		await run.run();
		const whole = await Promise.all(
			['records.jsonl', 'summary.json', 'report.html', 'study.yaml'].map((name) => run.read(name)),
		);
		await truncate(join(run.out, 'records.jsonl'), 1234);
		const result = await run.run();
		expect(result.notes.join()).toContain('cut off in mid-write');
		const again = await Promise.all(
			['records.jsonl', 'summary.json', 'report.html', 'study.yaml'].map((name) => run.read(name)),
		);
		expect(again).toEqual(whole);
	});

	it('keeps what was computed when the model fails, at whichever call', async () => {
		const undisturbed = await small();
		await undisturbed.run();
		const whole = await undisturbed.read('records.jsonl');
		await undisturbed.remove();
		for (let calls = 0; calls < 6; calls++) {
			let broken = true;
			const run = await small({
				beforeCall: (count) => {
					if (broken && count === calls) throw new Error('the model fell over');
				},
			});
			await expect(run.run()).rejects.toThrow('the model fell over');
			expect(run.opened[0]?.calls.closed).toBe(1);
			broken = false;
			await run.run();
			expect(await run.read('records.jsonl')).toBe(whole);
			if (calls < 5) await run.remove();
		}
	});

	it('stops when asked to, at once, and continues', async () => {
		const run = await small();
		const stopping = new AbortController();
		const stopped = run.run({
			signal: stopping.signal,
			onProgress: ({ phase }) => {
				if (phase === 'done') stopping.abort();
			},
		});
		await expect(stopped).rejects.toThrow(InterruptedError);
		expect(await recordsOf(run)).toHaveLength(3 * 6);
		expect(run.opened[0]?.calls.closed).toBe(1);
		expect((await run.run()).added).toBe(6);
	});

	it('stops while the figures are worked out, with all records kept', async () => {
		const run = await small();
		const stopping = new AbortController();
		const counts: string[] = [];
		const stopped = run.run({
			signal: stopping.signal,
			onProgress: ({ phase, done, total }) => {
				if (phase !== 'summary') return;
				counts.push(`${done}/${total}`);
				stopping.abort();
			},
		});
		await expect(stopped).rejects.toThrow(InterruptedError);
		expect(counts).toEqual(['0/1']);
		expect((await run.run()).added).toBe(0);
	});

	it('computes only what a changed study adds, whatever the batch, and leaves the rest out of the figures', async () => {
		const run = await small();
		await run.run();
		await run.write({ batch: 1, bootstrap: { resamples: 200 }, methods: ['human', 'random'] });
		const fewer = await run.run();
		expect(fewer.added).toBe(0);
		expect(fewer.notes.join()).toContain('12 records of an earlier version');
		expect(fewer.input.records).toHaveLength(4 * 3);
		await run.write({ methods: ['human', 'saliency.l2'] });
		expect((await run.run()).added).toBe(4);
		await run.write({ seed: 2, methods: ['human'] });
		expect((await run.run()).added).toBe(4);
	});

	it('writes down what its models were computed with', async () => {
		const run = await small();
		await run.run();
		expect(parse(await run.read('study.yaml'))).toMatchObject({
			resolved: {
				models: [
					{ computedWith: { device: 'cpu', threads: null, runs: { forward: 1024, gradient: 512 }, measured: false } },
				],
			},
		});
	});

	it('runs its own study.yaml', async () => {
		const run = await small();
		await run.run();
		const again = await run.run({ path: join(run.out, 'study.yaml') });
		expect(again).toMatchObject({ added: 0, written: [] });
	});
});

describe('runStudy: what cannot be computed', () => {
	it('reports a collapsed model as not evaluable, without a number', async () => {
		const result = await (await small({ bias: { positive: 100 } })).run();
		const flips = result.input.summary.rows.filter(({ metric }) => metric.startsWith('flip_rate'));
		expect(flips.length).toBeGreaterThan(0);
		for (const { value, ci95, chance, note } of flips) {
			expect({ value, ci95, chance }).toEqual({ value: null, ci95: null, chance: null });
			expect(note).toMatch(/^not evaluable: 4 of 4 predictions/);
		}
		expect(result.input.verdicts).toMatchObject([{ level: 'not evaluable' }]);
		expect(rowOf(result, { metric: 'majority_share' }).value).toBe(1);
	});

	it('records examples that do not fit into the model as missing, with the reason', async () => {
		const run = await small({ contextLength: 40 });
		await run.write({ methods: ['attention', 'prompt.unbound'], answer: { maxTokens: 4 } });
		const result = await run.run();
		const records = await recordsOf(run);
		const skipped = records.filter(({ kind }) => kind === 'skipped');
		expect(skipped.length + result.input.records.filter(({ kind }) => kind === 'prediction').length).toBe(4);
		const missing = rationaleOf(records, 'prompt.unbound', 'one');
		expect(missing.missing).toMatch(/the prompt has \d+ tokens and the answer up to 4; the model reads 40/);
		const f1 = rowOf(result, { metric: 'token_f1.macro', method: 'prompt.unbound', selection: 'own', subset: 'all' });
		expect(f1).toMatchObject({ value: null, n: 0, missing: 4 });
		expect((await run.run()).added).toBe(0);
	});

	it('counts examples without a prediction as missing everywhere', async () => {
		const result = await (await small({ contextLength: 5 })).run();
		expect(rowOf(result, { metric: 'accuracy' })).toMatchObject({ value: null, n: 0, missing: 4 });
		const attention = { method: 'attention', selection: 'top_var', subset: 'all' };
		expect(rowOf(result, { ...attention, metric: 'token_f1.macro' })).toMatchObject({ value: null, missing: 4 });
	});

	it('records what a model cannot do as missing', async () => {
		const result = await (await small({ capabilities: ['labelScores'] })).run();
		expect(rowOf(result, { metric: 'accuracy' }).value).toBe(1);
		const at = { metric: 'token_f1.macro', subset: 'all' };
		const gradient = rowOf(result, { ...at, method: 'input_x_gradient.dot', selection: 'top_var' });
		expect(gradient).toMatchObject({ value: null, n: 0, missing: 4 });
		const prompted = rowOf(result, { ...at, method: 'prompt.unbound', selection: 'own' });
		expect(prompted).toMatchObject({ value: null, missing: 4 });
		expect(rowOf(result, { ...at, method: 'human', selection: 'own' }).value).toBe(1);
	});

	it('tells a refused answer from a valid one', async () => {
		const run = await small({ answer: (prompt) => (prompt.includes('bad') ? 'none' : '["good", "great"]') });
		const result = await run.run();
		expect(result.input.answerRates).toEqual([
			{
				model: 'fake',
				dataset: 'sentences',
				epoch: null,
				method: 'prompt.unbound',
				wrongLength: 0,
				counts: { ok: 0, partial: 2, empty_match: 0, no_rationale: 2 },
			},
		]);
		const f1 = { metric: 'token_f1.macro', method: 'prompt.unbound', selection: 'own' };
		expect(rowOf(result, { ...f1, subset: 'all' })).toMatchObject({ value: 0.25, n: 4 });
		expect(rowOf(result, { ...f1, subset: 'valid' })).toMatchObject({ value: 0.5, n: 2 });
	});
});

describe('runStudy: the bundled data', () => {
	it('loads a limited split of a bundled dataset', async () => {
		const run = await small({ weights: {} });
		const path = join(run.folder, 'planted.yaml');
		await writeFile(path, 'models: [fake]\ndatasets: [{ id: planted-bios, limit: 6 }]\nmethods: [human]\n');
		const result = await run.run({ path });
		expect(result.input.study.datasets).toEqual([{ id: 'planted-bios', title: expect.any(String) as string, n: 6 }]);
	});
});

describe('runStudy: a run that gives nothing', () => {
	const isThere = (path: string): Promise<boolean> =>
		access(path).then(
			() => true,
			() => false,
		);

	it.each<[string, Parameters<typeof createSmallStudy>, Record<string, unknown>, string]>([
		['other wordings that a task has not got', [], { sensitivity: { wordings: ['no-such'] } }, 'no-such'],
		['data that is not there', [], { data: 'absent', datasets: ['fever'] }, 'fever'],
		['a call that fails', [{ beforeCall: () => assert.fail('broken') }], {}, 'broken'],
	])('leaves nothing: %s', async (_, model, changes, message) => {
		const run = await small(...model);
		await run.write(changes);
		await expect(run.run()).rejects.toThrow(message);
		expect(await isThere(run.out)).toBe(false);
	});

	it('leaves folders and files that were there', async () => {
		const run = await small({ beforeCall: () => assert.fail('broken') });
		await mkdir(run.out);
		await writeFile(join(run.out, 'notes.txt'), 'mine');
		await expect(run.run()).rejects.toThrow('broken');
		expect(await readdir(run.out)).toEqual(['notes.txt']);
	});
});

describe('runStudy: the folder of another study', () => {
	it('is refused by name, and nothing there changes', async () => {
		const run = await small();
		await run.run();
		const before = await run.read('records.jsonl');
		await run.write({ study: 'other', methods: ['random'] });
		const refused = run.run();
		await expect(refused).rejects.toThrow('holds the study "small"');
		await expect(refused).rejects.toThrow('Take another folder with --out');
		expect(await run.read('records.jsonl')).toBe(before);
		expect(await run.read('study.yaml')).toContain('study: small');
	});

	it('is the same study under the same name, however it has changed, and one whose name nobody can read', async () => {
		const run = await small();
		await run.run();
		await run.write({ methods: ['random'] });
		await expect(run.run()).resolves.toMatchObject({ added: 0 });
		await writeFile(join(run.out, 'study.yaml'), '{ torn');
		await run.write({ study: 'other' });
		await expect(run.run()).resolves.toMatchObject({ added: 0 });
	});
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FakeModel } from '../../testing/fakeModel.ts';
import { fakeSource, goodAndBad } from '../../../test/support/smallStudy.ts';
import { InternalError, InterruptedError } from '../../core/errors.ts';
import { type Example, segmentOf } from '../../core/example.ts';
import { engineCrash } from '../../llm/process/engineCrash.ts';
import { planStudy } from '../plan/planStudy.ts';
import { runPlan } from './runPlan.ts';
import { defaultPerturbation } from '../../explain/settings.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import { openRecordStore } from '../../records/store.ts';
import { cellsOf } from '../../explain/chunk.ts';
import type { StudyDataset } from '../data/studyDataset.ts';
import type { ModelSource } from '../models/modelSource.ts';

let folder = '';
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'runner-'));
});
afterEach(() => rm(folder, { recursive: true }));

const exampleOf = (id: string, text: string): Example => ({
	id,
	segments: [segmentOf('text', text)],
	label: null,
	annotations: [{ annotator: 'a', spans: [{ segment: 0, span: { start: 0, end: 3 } }] }],
});

const dataset: StudyDataset = {
	id: 'd',
	title: 'd',
	split: 'all',
	meanShare: 0.3,
	task: {
		id: 'd',
		instruction: 'Liked?',
		segmentTitles: { text: 'Text' },
		labels: ['positive', 'negative'],
		verbalizers: { positive: 'positive', negative: 'negative' },
	},
	examples: [exampleOf('1', 'bad film, “très” mal'), exampleOf('2', 'good 😀 film'), exampleOf('3', 'bad or good')],
};

const settings: RationaleSettings = {
	seed: 1,
	methods: ['attention', 'prompt.unbound', 'random'],
	selections: ['top_ratio', 'own'],
	maskings: ['delete'],
	topK: null,
	guidedBy: 'top_var',
	target: null,
	maxAnswerTokens: 20,
	controlDraws: 1,
	curve: [0.5],
	measures: ['flip_rate'],
	perturbation: defaultPerturbation,
};

async function run(
	opened: FakeModel[],
	examples = dataset.examples,
	beforeCall: () => void = () => undefined,
): Promise<number> {
	const source = fakeSource({ ...goodAndBad, beforeCall }, opened);
	const models = [
		{ id: 'a', path: null },
		{ id: 'b', path: null },
	];
	const plan = await planStudy({
		models,
		datasets: [{ ...dataset, examples }],
		settingsOf: () => settings,
		batch: 2,
		source,
	});
	const store = await openRecordStore(folder);
	try {
		const signal = new AbortController().signal;
		const added = await runPlan({ plan, store, source, signal, onProgress: () => undefined });
		const cells = plan.flatMap(({ chunks }) => chunks.flatMap(cellsOf));
		expect(cells.every((cell) => store.records.has(cell))).toBe(true);
		return added;
	} finally {
		await store.close();
	}
}

it('continues from a file cut around any line end, and at many other bytes, to the same bytes', async () => {
	const path = join(folder, 'records.jsonl');
	await run([]);
	const whole = await readFile(path);
	const lineEnds = [...whole.keys()].filter((at) => whole[at] === 0x0a).flatMap((at) => [at, at + 1, at + 2]);
	const others = [...whole.keys()].filter((at) => at % 211 === 0);
	for (const length of [...lineEnds, ...others]) {
		await writeFile(path, whole.subarray(0, length));
		await run([]);
		expect(whole.equals(await readFile(path)), `cut at ${length}`).toBe(true);
	}
});

it('opens only the models that have something to do', async () => {
	const opened: FakeModel[] = [];
	await run(opened);
	expect(opened.map(({ id }) => id)).toEqual(['a', 'b']);
	const path = join(folder, 'records.jsonl');
	const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
	await writeFile(path, `${lines.slice(0, -1).join('\n')}\n`);
	expect(await run(opened)).toBe(1);
	expect(opened.map(({ id }) => id)).toEqual(['a', 'b', 'b']);
	expect(opened[2]?.calls.generate).toBe(1);
});

it('refuses a dataset in which two examples have the same name', async () => {
	await expect(run([], [exampleOf('1', 'a b c'), exampleOf('1', 'd e f')])).rejects.toThrow(/two examples.*"1"/);
});

it('tries a chunk again when the engine crashed, skips it when it crashes again, and goes on; the next run tries once more', async () => {
	const crash = engineCrash('SIGKILL', 'scoreLabels on 2 texts of up to 9 tokens');
	const path = join(folder, 'records.jsonl');
	await run([]);
	const undisturbed = await readFile(path, 'utf8');
	await rm(path);
	await run([], dataset.examples, crashing(1));
	expect(await readFile(path, 'utf8')).toBe(undisturbed);
	await rm(path);
	await run([], dataset.examples, crashing(2));
	const records = (await readFile(path, 'utf8'))
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as { kind: string; reason?: string; crashed?: true });
	const skipped = records.filter(({ kind }) => kind === 'skipped');
	expect(skipped.length).toBe(2);
	expect(skipped[0]?.reason).toContain('SIGKILL');
	expect(records.some(({ kind }) => kind === 'prediction')).toBe(true);
	const again = records.filter(({ crashed }) => crashed);
	expect(again.length).toBeGreaterThan(skipped.length);
	expect(await run([])).toBe(again.length);
	expect(await run([])).toBe(0);
	const read = await openRecordStore(folder);
	const lines = [...read.records.values()].map((record) => JSON.stringify(record));
	await read.close();
	expect(lines.toSorted()).toEqual(undisturbed.trimEnd().split('\n').toSorted());

	function crashing(times: number): () => void {
		let left = times;
		return () => {
			left -= 1;
			if (left >= 0) throw crash;
		};
	}
});

it('stops while a model is opened', async () => {
	const controller = new AbortController();
	const models = [{ id: 'a', path: null }];
	const source: ModelSource = {
		...fakeSource(goodAndBad, []),
		open: (_, signal) =>
			new Promise((_resolve, reject) => {
				signal?.addEventListener('abort', () => reject(new InternalError('the engine process ended')));
				controller.abort();
			}),
	};
	const plan = await planStudy({ models, datasets: [dataset], settingsOf: () => settings, batch: 2, source });
	const store = await openRecordStore(folder);
	const { signal } = controller;
	const stopped = runPlan({ plan, store, source, signal, onProgress: () => undefined });
	await expect(stopped).rejects.toThrow('What was computed is kept');
	await expect(stopped).rejects.toThrow(InterruptedError);
	await store.close();
});

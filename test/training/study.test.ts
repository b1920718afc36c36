/** A study that fine-tunes: rows for every epoch, comparisons, and going on where it stopped. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { modelsHere } from '../support/modelsHere.ts';
import { finetuneOnly } from '../../src/study/run/finetuneOnly.ts';
import type { Training } from '../../src/study/run/finetuneStudy.ts';
import type { TrainingEstimate } from '../../src/training/trainingEstimate.ts';
import { sourceEntry } from '../../src/study/data/sourceEntry.ts';
import { runStudy, type StudyOptions } from '../../src/runStudy.ts';
import type { Summary } from '../../src/records/summaryRows.ts';

const text = `
models: [tiny-base]
datasets: [{ id: planted-bios, limit: 10, train: { limit: 60 } }]
methods: [attention, random, human]
selections: [top_var]
maskings: [space]
control: { draws: 1 }
curve: []
bootstrap: { resamples: 100 }
finetune: { epochs: 2, learningRate: 1.0e-3, lora: { r: 2, targets: [q_proj, v_proj] } }
`;

const quiet = {
	onPlan: () => undefined,
	onStep: () => undefined,
	onEpoch: () => undefined,
	signal: new AbortController().signal,
};

function studyIn(folder: string, content = text): StudyOptions {
	const path = join(folder, 'study.yaml');
	writeFileSync(path, content);
	return { path, out: join(folder, 'out'), source: modelsHere(), versions: {} };
}

it('studies every epoch, compares the last with the first, and does nothing when all is there', async () => {
	const options = studyIn(mkdtempSync(join(tmpdir(), 'study-')));
	const [training] = await finetuneOnly(options, quiet);
	expect(training?.results.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
	let steps = 0;
	const studied: (number | undefined)[] = [];
	const first = await runStudy({
		...options,
		onTraining: { onStep: () => (steps += 1) },
		onProgress: ({ phase, epochs }) => {
			if (phase === 'done') studied.push(epochs?.done, epochs?.total);
		},
	});
	expect(steps).toBe(0);
	expect(studied).toEqual([10, 30, 20, 30, 30, 30]);
	expect(first.added).toBe(3 * 10 * 4);
	const summary = JSON.parse(readFileSync(join(options.out, 'summary.json'), 'utf8')) as Summary;
	const epochsWith = (metric: string, subset: string): (number | null)[] =>
		summary.rows
			.filter(
				(row) => row.metric === metric && row.subset === subset && row.method !== 'random' && row.method !== 'human',
			)
			.map(({ epoch }) => epoch);
	expect(epochsWith('accuracy', 'all')).toEqual([0, 1, 2]);
	expect(epochsWith('token_f1.macro', 'correct')).toEqual([0, 1, 2]);
	expect(epochsWith('flip_rate', 'correct')).toEqual([0, 1, 2]);
	expect(summary.epochComparisons?.map(({ metric, method }) => `${metric} ${method}`)).toEqual(
		expect.arrayContaining(['accuracy null', 'token_f1.macro attention', 'flip_rate attention']),
	);
	expect(summary.epochComparisons?.every(({ before, after }) => before < after && after === 2)).toBe(true);
	expect(readFileSync(join(options.out, 'report.html'), 'utf8')).toContain('Before and after training');
	const again = await runStudy(options);
	expect([again.added, again.written]).toEqual([0, []]);
}, 120_000);

it.each([
	['finetune: { epochs: 0 }', 'finetune.epochs): must be at least 1'],
	['finetune: { epoch: 3 }', 'unknown key "epoch". Did you mean "epochs"?'],
	['finetune: { models: [other] }', '"other" is not among the study\'s models'],
	['finetune: { weights: some }', 'finetune.weights): unknown value "some"'],
])('refuses %s', async (section, message) => {
	const content = text.replace(/finetune: .*/u, section);
	await expect(finetuneOnly(studyIn(mkdtempSync(join(tmpdir(), 'study-')), content), quiet)).rejects.toThrow(message);
});

it('refuses to train on the texts that are studied, and studies without the section', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'study-'));
	writeFileSync(join(folder, 'test.csv'), 'text,label\nA good film.,yes\nA bad film.,no\n');
	writeFileSync(join(folder, 'train.csv'), 'text,label\nA fine film.,yes\nA bad film.,no\n');
	const file = '{ path: test.csv, text: text, label: label }';
	const films = `{ id: films, file: ${file}, task: { instruction: "Good?" }, train: { from: { file: train.csv } } }`;
	const same = text.replace(/datasets: .*/u, `datasets: [${films}]`).replace('top_var', 'top_share');
	await expect(finetuneOnly(studyIn(folder, same), quiet)).rejects.toThrow(
		/study\.yaml:3 \(datasets\[0\]\.train\): .*is also among the examples that are studied/u,
	);
	const none = text.replace(/finetune: .*/u, '');
	await expect(finetuneOnly(studyIn(folder, none), quiet)).rejects.toThrow('no "finetune" section');
});

it('takes the examples to learn from another split, another file, or another table', () => {
	const bundled = { id: 'planted-nli', split: 'test', limit: 5, format: undefined };
	expect(sourceEntry(bundled, {})).toEqual({ id: 'planted-nli', split: 'train', format: undefined });
	const file = { path: '/a/test.csv', segments: { text: 'text' }, rationales: [] };
	const own = { id: 'own', format: undefined, file };
	expect(sourceEntry(own, { file: '/a/train.csv' })).toMatchObject({ file: { path: '/a/train.csv' } });
	expect(sourceEntry(own, {})).toEqual(own);
	expect(sourceEntry(bundled, { file })).toEqual({ ...own, id: 'planted-nli', task: { sameAs: 'planted-nli' } });
	const published = { id: 'sst', format: 'sst', path: '/a/sst.csv', limit: 3 } as const;
	expect(sourceEntry(published, {})).toEqual({ id: 'sst', format: 'sst', path: '/a/sst.csv' });
});

it('learns from what is left of the texts that are studied, never from these', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'study-'));
	const rows = ['good,yes', 'bad,no', 'fine,yes', 'dull,no', 'fair,yes', 'poor,no', 'great,yes', 'flat,no'];
	writeFileSync(join(folder, 'films.csv'), `text,label\n${rows.map((row) => `A ${row}`).join('\n')}\n`);
	const entry = (limit: number | undefined) => ({
		id: 'films',
		limit,
		file: { path: 'films.csv', text: 'text', label: 'label' },
		task: { instruction: 'Good?', labels: ['yes', 'no'] },
	});
	const study = (limit?: number): string =>
		JSON.stringify({
			models: ['tiny-base'],
			datasets: [entry(limit)],
			finetune: { epochs: 1, lora: { r: 2, targets: ['q_proj'] } },
		});
	const plans: number[] = [];
	const onPlan = (_: Training, { sequences, validation }: TrainingEstimate) => void plans.push(sequences + validation);
	await finetuneOnly(studyIn(folder, study(2)), { ...quiet, onPlan });
	expect(plans).toEqual([6]);
	await expect(finetuneOnly(studyIn(folder, study()), quiet)).rejects.toThrow(
		/needs texts to learn from: add "train: \{ from/u,
	);
	await expect(finetuneOnly(studyIn(folder, study(8)), quiet)).rejects.toThrow(/none is left to learn from/u);
}, 60_000);

it('counts the rows that could not be learnt from', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'study-'));
	const head = 'text,label\n';
	writeFileSync(join(folder, 'test.csv'), `${head}A good film.,yes\nA bad film.,no\n`);
	writeFileSync(join(folder, 'train.csv'), `${head}A fine film.,yes\nA dull film.,no\nA poor film.,maybe\n`);
	const content = JSON.stringify({
		models: ['tiny-base'],
		datasets: [
			{
				id: 'films',
				onBadRow: 'skip',
				train: { path: 'train.csv' },
				file: { path: 'test.csv', text: 'text', label: 'label' },
				task: { instruction: 'Good?', labels: ['yes', 'no'] },
			},
		],
		finetune: { epochs: 1, lora: { r: 2, targets: ['q_proj'] } },
	});
	const [training] = await finetuneOnly(studyIn(folder, content), quiet);
	expect(training?.badRows).toMatchObject([{ kind: 'label', file: join(folder, 'train.csv'), line: 4 }]);
}, 60_000);

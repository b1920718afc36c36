import { expect, test } from 'vitest';
import type { PredictionRecord, RationaleRecord } from '../records/records.ts';
import { summarise } from './summarise.ts';
import type { SummaryRow } from '../records/summaryRows.ts';

const key = { cell: 'c', model: 'm', dataset: 'd', split: 'test', epoch: null };

function prediction(example: string, annotations: number[][]): PredictionRecord {
	const words = Array.from({ length: 10 }, (_, i) => ({ start: 2 * i, end: 2 * i + 1 }));
	return {
		...key,
		kind: 'prediction',
		example,
		gold: 'yes',
		prediction: 'yes',
		segments: [{ name: 'text', text: 'a '.repeat(10), words }],
		probabilities: { yes: 0.9, no: 0.1 },
		mass: 1,
		annotations,
		tokens: 12,
		wordsWithoutTokens: 0,
	};
}

function rationale(example: string, method: string, selection: string, words: number[]): RationaleRecord {
	const selections = [{ selection, words, ties: 0, masked: {}, control: {} }];
	return {
		...key,
		kind: 'rationale',
		example,
		method,
		scores: null,
		missing: null,
		answer: null,
		selections,
		curve: null,
	};
}

const task = { id: 't', instruction: '', segmentTitles: {}, labels: ['yes', 'no'], verbalizers: {} };
const summaryOf = async (annotations: number[][], onDone?: (done: number, total: number) => void) => {
	const records = [
		prediction('one', annotations),
		rationale('one', 'attention', 'top_var', [1, 2]),
		rationale('one', 'human', 'own', [1, 2]),
	];
	const options = {
		study: 's',
		seed: 1,
		resamples: 10,
		methods: ['attention', 'human'],
		measures: ['flip_rate'],
	} as const;
	const setting = {
		model: 'm',
		dataset: 'd',
		split: 'test',
		epoch: null,
		task,
		selections: ['top_var', 'own'],
		records,
	};
	return summarise([setting], { ...options, maskings: ['space'] }, onDone);
};
const rowsOf = async (annotations: number[][]): Promise<readonly SummaryRow[]> =>
	(await summaryOf(annotations)).summary.rows;

test('texts with several annotators are also compared with each one, and these with each other', async () => {
	const rows = await rowsOf([
		[1, 4],
		[1, 2],
		[1, 2, 7],
	]);
	const valueOf = (metric: string, method: string): number | null | undefined =>
		rows.find((row) => row.metric === metric && row.method === method && row.n === 1)?.value;
	expect(valueOf('token_f1.annotator_mean', 'attention')).toBeCloseTo((0.5 + 1 + 0.8) / 3, 12);
	expect(valueOf('token_f1.annotator_max', 'attention')).toBe(1);
	expect(valueOf('token_f1.human_ceiling', 'human')).toBeCloseTo((1 / 2 + 2 / 3 + 1 / 2) / 3, 12);
	expect(valueOf('token_f1.human_ceiling', 'attention')).toBeUndefined();
});

test('texts with one annotator have no ceiling', async () => {
	expect((await rowsOf([[1, 2]])).filter(({ metric }) => /annotator|ceiling/.test(metric))).toEqual([]);
});

test('rows say in a field whether faithfulness figures mean anything; other rows leave it empty', async () => {
	const rows = await rowsOf([[1, 2]]);
	const levels = (metric: string): unknown[] => [
		...new Set(rows.filter((row) => row.metric === metric).map(({ evaluable, value }) => [evaluable, value].join())),
	];
	expect(levels('flip_rate')).toEqual(['no,']);
	expect(levels('accuracy')).toEqual([',1']);
});

test('flip curves are rows, one for each share, under the first masking', async () => {
	const others = ['one', 'two', 'three'];
	// Random words flip the first text at every share, the best words flip all but one at half of the words.
	const curve = (flips: readonly boolean[]) =>
		flips.map((flip, i) => ({ share: [0, 0.5][i] as number, label: flip ? 'no' : 'yes' }));
	const scored = (example: string, method: string, flips: readonly boolean[]): RationaleRecord => ({
		...rationale(example, method, 'top_var', [1, 2]),
		scores: Array.from({ length: 10 }, (_, i) => i),
		curve: curve(flips),
	});
	const records = others.flatMap((example) => [
		prediction(example, []),
		scored(example, 'attention', [false, example !== 'three']),
		scored(example, 'random', [false, example === 'one']),
	]);
	// Both labels are predicted, so that faithfulness figures mean something.
	const balanced = Array.from({ length: 40 }, (_, i) => ({
		...prediction(`more ${i}`, []),
		...(i % 2 === 0 ? {} : { gold: 'no', prediction: 'no' }),
	}));
	const { summary } = await summarise(
		[
			{
				model: 'm',
				dataset: 'd',
				split: 'test',
				epoch: null,
				task,
				records: [...records, ...balanced],
				selections: ['top_var'],
			},
		],
		{
			study: 's',
			seed: 1,
			resamples: 100,
			methods: ['attention', 'random'],
			measures: ['flip_rate'],
			maskings: ['space', 'delete'],
		},
	);
	const rows = summary.rows.filter(({ metric }) => metric === 'flip_curve');
	const own = { selection: null, subset: 'all', masking: 'space', evaluable: 'yes', n: 3, missing: 40 };
	expect(rows).toMatchObject([
		{ ...own, method: 'attention', share: 0, value: 0, chance: 0 },
		{ ...own, method: 'attention', share: 0.5, value: expect.closeTo(2 / 3, 12), chance: expect.closeTo(1 / 3, 12) },
		{ ...own, method: 'random', share: 0, value: 0 },
		{ ...own, method: 'random', share: 0.5, value: expect.closeTo(1 / 3, 12) },
	]);
	expect(rows[1]?.ci95).not.toBeNull();
	expect(summary.rows.filter(({ metric, share }) => metric !== 'flip_curve' && share !== undefined)).toEqual([]);
	expect(summary.maskingAgreement?.filter(({ metric }) => metric === 'flip_curve')).toEqual([]);
});

test('tells step by step how far it is, and can be stopped at each', async () => {
	const told: number[][] = [];
	await summaryOf([[1, 2]], (done, total) => told.push([done, total]));
	// Two methods, and again under the masking; then the comparisons.
	expect(told).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
	const stopped = summaryOf([[1, 2]], (done) => {
		if (done === 3) throw new Error('stopped');
	});
	await expect(stopped).rejects.toThrow('stopped');
});

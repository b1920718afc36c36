import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasValue } from '../core/score.ts';
import { readEraserPredictions } from './eraserPredictions.ts';
import { type PredictionScores, scorePredictions } from './scorePredictions.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/metrics/${name}`, import.meta.url));
const valuesOf = ({ eraser }: PredictionScores): Record<string, number | null> =>
	Object.fromEntries(Object.entries(eraser).map(([id, score]) => [id, hasValue(score) ? score.value : null]));

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'score-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const span = (start: number, end: number) => ({ start_token: start, end_token: end });
const annotation = (id: string, gold: [number, number][], classification = 'yes') => ({
	...{ annotation_id: id, classification, docids: [id], query: '' },
	evidences: gold.map(([start, end]) => [{ docid: id, ...span(start, end) }]),
});
const prediction = (id: string, hard: [number, number][], more: object = {}) => ({
	annotation_id: id,
	rationales: [{ docid: id, hard_rationale_predictions: hard.map(([start, end]) => span(start, end)) }],
	...more,
});

/** Documents of five tokens each. */
function write(annotations: readonly { annotation_id: string }[], predictions: readonly object[]): void {
	const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
	mkdirSync(join(folder, 'docs'), { recursive: true });
	for (const { annotation_id: id } of annotations) writeFileSync(join(folder, 'docs', id), 'a b c\nd e');
	writeFileSync(join(folder, 'test.jsonl'), lines(annotations));
	writeFileSync(join(folder, 'predictions.jsonl'), lines(predictions));
}

async function score(): Promise<PredictionScores> {
	const predictions = await readEraserPredictions(join(folder, 'predictions.jsonl'), folder, null);
	return scorePredictions(predictions, { seed: 1, resamples: 50 });
}

describe('the benchmark of the fixtures', async () => {
	const scores = scorePredictions(await readEraserPredictions(fixture('predictions.jsonl'), fixture('data'), null), {
		seed: 1,
		resamples: 20,
	});

	it('equals the output of the scorer of ERASER', async () => {
		const published = JSON.parse(readFileSync(fixture('eraser_scores.json'), 'utf8')) as {
			iou_scores: { macro: { f1: number }; micro: { f1: number } }[];
			token_prf: Record<'instance_macro' | 'instance_micro', { f1: number }>;
			token_soft_metrics: Record<string, number>;
			classification_scores: Record<string, number>;
		};
		const { iou_scores: iou, token_prf: token, token_soft_metrics: soft, classification_scores: answers } = published;
		const expected = {
			'eraser.iou_f1.macro': iou[0]?.macro.f1,
			'eraser.iou_f1.micro': iou[0]?.micro.f1,
			'eraser.token_f1.macro': token.instance_macro.f1,
			'eraser.token_f1.micro': token.instance_micro.f1,
			'eraser.auprc': soft['auprc'],
			'eraser.average_precision': soft['average_precision'],
			'eraser.roc_auc_score': soft['roc_auc_score'],
			'eraser.accuracy': answers['accuracy'],
			'eraser.comprehensiveness': answers['comprehensiveness'],
			'eraser.comprehensiveness_aopc': answers['comprehensiveness_aopc'],
			'eraser.sufficiency': answers['sufficiency'],
			'eraser.sufficiency_aopc': answers['sufficiency_aopc'],
		};
		const found = valuesOf(scores);
		expect(Object.keys(found)).toEqual(Object.keys(expected));
		for (const [id, value] of Object.entries(expected)) expect(found[id], id).toBeCloseTo(value ?? NaN, 12);
	});

	it('gives our metrics the same values where the definitions agree', async () => {
		const own = Object.fromEntries(scores.own.map(({ declaration, value }) => [declaration.id, value]));
		const theirs = valuesOf(scores);
		for (const [id, eraser] of [
			['token_f1.macro', 'token_f1.macro'],
			['token_f1.micro', 'token_f1.micro'],
			['average_precision', 'average_precision'],
			['auroc', 'roc_auc_score'],
			['accuracy', 'accuracy'],
			['comprehensiveness.aopc', 'comprehensiveness_aopc'],
			['sufficiency.aopc', 'sufficiency_aopc'],
		] as const) {
			expect(own[id], id).toBeCloseTo(theirs[`eraser.${eraser}`] ?? NaN, 12);
		}
	});
});

describe('predictions that lack something', () => {
	it('count an annotation without a line as missing', async () => {
		write(
			[annotation('a', [[0, 2]]), annotation('b', [[0, 1]])],
			[prediction('a', [[0, 2]], { classification: 'yes' })],
		);
		const { own, eraser } = await score();
		expect(own.find(({ declaration }) => declaration.id === 'token_f1.macro')).toMatchObject({
			...{ value: 1, n: 1, missing: 1 },
		});
		// ERASER counts the annotation without a line as an empty rationale.
		expect(eraser['eraser.token_f1.macro']).toEqual({ value: 0.5 });
		expect(eraser['eraser.accuracy']).toMatchObject({ missing: expect.stringContaining('1 annotations') as string });
	});

	it('have no score that nothing decides', async () => {
		write([annotation('a', [[0, 2]])], [prediction('a', [[1, 2]])]);
		expect(valuesOf(await score())).toMatchObject({
			...{ 'eraser.auprc': null, 'eraser.accuracy': null, 'eraser.comprehensiveness': null },
			'eraser.token_f1.macro': 2 / 3,
		});
		expect((await score()).verdict).toBeNull();
	});

	it('have no hard scores where the first rationale is empty, as in the scorer of ERASER; ours do', async () => {
		write([annotation('a', [[0, 2]]), annotation('b', [[0, 2]])], [prediction('a', []), prediction('b', [[0, 2]])]);
		const { own, eraser } = await score();
		expect(eraser['eraser.token_f1.macro']).toHaveProperty('missing');
		expect(own.find(({ declaration }) => declaration.id === 'token_f1.macro')?.value).toBe(0.5);
	});

	it('have no faithfulness where all answers are one label', async () => {
		const answers = (own: number) => ({ yes: own, no: 1 - own });
		const more = {
			...{ classification: 'yes', classification_scores: answers(0.9) },
			comprehensiveness_classification_scores: answers(0.2),
		};
		write(
			[annotation('a', [[0, 2]]), annotation('b', [[0, 1]], 'no')],
			[prediction('a', [[0, 2]], more), prediction('b', [[0, 1]], more)],
		);
		const { own, verdict, eraser } = await score();
		expect(verdict?.level).toBe('not evaluable');
		expect(own.find(({ declaration }) => declaration.id === 'flip_rate')?.value).toBeNull();
		expect(eraser['eraser.comprehensiveness']).toEqual({ value: expect.closeTo(0.7, 12) as number });
	});
});

describe('lines that cannot be used', () => {
	it.each([
		['an unknown annotation', [prediction('z', [])], /:1: annotation "z" is not in split "test"/u],
		['an annotation twice', [prediction('a', []), prediction('a', [])], /:2: annotation "a" a second time/u],
		['a span outside', [prediction('a', [[3, 6]])], /:1: .*\[3, 6\) of document "a", which has 5 tokens/u],
		['a reversed span', [prediction('a', [[3, 2]])], /:1: .*\[3, 2\)/u],
		[
			'spans over each other',
			[
				prediction('a', [
					[0, 3],
					[2, 4],
				]),
			],
			/:1: .*overlaps/u,
		], // prettier-ignore
		['a document that does not exist', [{ annotation_id: 'a', rationales: [{ docid: 'z' }] }], /:1: document "z"/u],
		[
			'a number of scores that is not that of the tokens',
			[{ annotation_id: 'a', rationales: [{ docid: 'a', soft_rationale_predictions: [1] }] }],
			/:1: 1 soft_rationale_predictions for the 5 tokens/u,
		],
		['no rationales', [{ annotation_id: 'a' }], /:1: rationales/u],
	])('%s', async (_, predictions, message) => {
		write([annotation('a', [[0, 2]])], predictions);
		await expect(score()).rejects.toThrow(message);
	});
});

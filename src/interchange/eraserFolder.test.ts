import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSmallStudy, rowOf, type SmallStudy } from '../../test/support/smallStudy.ts';
import { InternalError, UserError } from '../core/errors.ts';
import { annotatedWords, exampleWords } from '../core/example.ts';
import { readEraser } from '../datasets/eraser/readEraser.ts';
import { eraserSoftScores, eraserTokenScores } from '../evaluation/alignment/eraser.ts';
import { maximalSpans } from '../evaluation/alignment/spans.ts';
import { checkRationales, type EraserExport, eraserFiles, writeEraserFolder } from './eraserFolder.ts';
import type { StudyResult } from '../runStudy.ts';

let study: SmallStudy;
let folder = '';
beforeEach(async () => {
	study = await createSmallStudy();
	folder = await mkdtemp(join(tmpdir(), 'eraser-'));
});
afterEach(async () => {
	await study.remove();
	await rm(folder, { recursive: true });
});

const run = async (changes: Readonly<Record<string, unknown>> = {}): Promise<StudyResult> => {
	await study.write(changes);
	return await study.run();
};
const request = ({ input }: StudyResult, change: Partial<EraserExport> = {}): EraserExport => ({
	...{ records: input.records, split: 'test', method: 'input_x_gradient.dot', selection: 'top_var', masking: 'space' },
	...change,
});

const distribution = z.record(z.string(), z.number());
const tokens = z.object({ start_token: z.number(), end_token: z.number() });
const line = z.object({
	annotation_id: z.string(),
	rationales: z.array(
		z.object({
			docid: z.string(),
			hard_rationale_predictions: z.array(tokens),
			soft_rationale_predictions: z.array(z.number()).optional(),
		}),
	),
	classification: z.string(),
	classification_scores: distribution,
	comprehensiveness_classification_scores: distribution.optional(),
	thresholded_scores: z
		.array(z.object({ threshold: z.number(), sufficiency_classification_scores: distribution }))
		.optional(),
});
const predictionsIn = async (): Promise<z.output<typeof line>[]> =>
	(await readFile(join(folder, 'predictions.jsonl'), 'utf8'))
		.trim()
		.split('\n')
		.map((text) => line.parse(JSON.parse(text)));

describe('an ERASER folder', () => {
	it('is read back as the examples it was made from', async () => {
		const result = await run();
		await writeEraserFolder(folder, eraserFiles(request(result)));
		const examples = await readEraser(folder, 'test');
		expect(examples.map(({ id, label }) => [id, label])).toEqual([
			['one', 'positive'],
			['two', 'negative'],
			['three', 'negative'],
			['four', 'positive'],
		]);
		const [, , three] = examples;
		if (three === undefined) throw new Error('no example');
		expect(exampleWords(three).map(({ text }) => text)).toEqual('bad plot but good acting and bad end'.split(' '));
		expect(three.annotations.flatMap((annotation) => annotatedWords(three, annotation))).toEqual([0, 6]);
	});

	it('scores as our own metrics do', async () => {
		const result = await run();
		await writeEraserFolder(folder, eraserFiles(request(result)));
		const examples = await readEraser(folder, 'test');
		const documents = (await predictionsIn()).map(({ rationales: [rationale] }, i) => {
			const example = examples[i];
			if (example === undefined || rationale === undefined) throw new Error('no example');
			return {
				gold: maximalSpans(example.annotations.flatMap((annotation) => annotatedWords(example, annotation))),
				predicted: rationale.hard_rationale_predictions.map((span) => ({
					start: span.start_token,
					end: span.end_token,
				})),
				scores: rationale.soft_rationale_predictions ?? [],
			};
		});
		const at = { method: 'input_x_gradient.dot', subset: 'all' };
		const f1 = rowOf(result, { ...at, selection: 'top_var', metric: 'token_f1.macro' }).value;
		expect(eraserTokenScores(documents).macro.f1).toBeCloseTo(f1 ?? NaN, 12);
		const precision = rowOf(result, { ...at, selection: null, metric: 'average_precision' }).value;
		expect(eraserSoftScores(documents).averagePrecision).toEqual({
			value: expect.closeTo(precision ?? NaN, 12) as number,
		});
	});

	it('holds comprehensiveness and sufficiency where the study measured them', async () => {
		const result = await run({ faithfulness: ['comprehensiveness', 'sufficiency'] });
		await writeEraserFolder(folder, eraserFiles(request(result)));
		const found = await predictionsIn();
		const drops = found.map(
			({ classification, classification_scores: full, comprehensiveness_classification_scores: masked }) =>
				(full[classification] ?? NaN) - (masked?.[classification] ?? NaN),
		);
		const at = { method: 'input_x_gradient.dot', masking: 'space', subset: 'all', selection: 'top_var' };
		const value = rowOf(result, { ...at, metric: 'comprehensiveness' }).value;
		expect(drops.reduce((sum, drop) => sum + drop, 0) / drops.length).toBeCloseTo(value ?? NaN, 12);
		expect(found[0]?.thresholded_scores?.map(({ threshold }) => threshold)).toEqual([0.01, 0.05, 0.1, 0.2, 0.5]);
	});

	it('leaves optional fields out for all where one lacks them', async () => {
		const result = await run();
		await writeEraserFolder(folder, eraserFiles(request(result, { method: 'prompt.unbound', selection: 'own' })));
		for (const prediction of await predictionsIn()) {
			expect(prediction).not.toHaveProperty('thresholded_scores');
			expect(prediction).not.toHaveProperty('comprehensiveness_classification_scores');
			expect(prediction.rationales[0]).not.toHaveProperty('soft_rationale_predictions');
		}
	});

	it('says which examples it cannot hold, and stops where none is left', async () => {
		const result = await run();
		const records = result.input.records.map((record) =>
			record.kind === 'prediction' && record.example === 'two' ? { ...record, gold: null } : record,
		);
		expect(eraserFiles(request(result, { records })).leftOut).toEqual([{ example: 'two', reason: 'no gold label' }]);
		expect(() => eraserFiles(request(result, { method: 'lime' }))).toThrow(UserError);
	});
});

describe('the check before writing', () => {
	const rationale = { docid: 'd', length: 5, hard: [{ start_token: 0, end_token: 2 }], soft: [1, 2, 3, 4, 5] };
	const spans = (...list: [number, number][]) => list.map(([start, end]) => ({ start_token: start, end_token: end }));

	it('lets sorted, separate spans inside the text pass', () => {
		expect(() => checkRationales([rationale, { ...rationale, docid: 'e', hard: spans([0, 1], [2, 5]) }])).not.toThrow();
	});

	it.each([
		['outside', spans([3, 6])],
		['reversed', spans([3, 2])],
		['empty', spans([3, 3])],
		['negative', spans([-1, 2])],
		['overlapping', spans([0, 3], [2, 4])],
		['touching: not maximal', spans([0, 2], [2, 4])],
		['unsorted', spans([3, 4], [0, 1])],
	])('refuses spans that are %s', (_, hard) => {
		expect(() => checkRationales([{ ...rationale, hard }])).toThrow(InternalError);
	});

	it('refuses scores of another length and a document twice', () => {
		expect(() => checkRationales([{ ...rationale, soft: [1] }])).toThrow(InternalError);
		expect(() => checkRationales([{ ...rationale, soft: [1, 2, 3, 4, NaN] }])).toThrow(InternalError);
		expect(() => checkRationales([rationale, rationale])).toThrow(InternalError);
	});
});

/** Our scores against the output of ERASER's own scorer and of scikit-learn 1.9 (`fixtures/metrics`). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasValue, type Score } from '../../core/score.ts';
import { type Estimate, estimate } from '../estimate.ts';
import type { Metric } from '../metric.ts';
import { metrics } from '../metrics.ts';
import type { AlignedExample } from './alignedExample.ts';
import { auprcOf } from './auprc.ts';
import { aurocOf } from './auroc.ts';
import { averagePrecisionOf } from './averagePrecision.ts';
import {
	type EraserDocument,
	eraserIouScores,
	eraserRationaleScores,
	eraserSoftScores,
	eraserTokenScores,
} from './eraser.ts';
import { cohensKappa } from './kappa.ts';
import { overlapOf } from './overlap.ts';
import { maximalSpans } from './spans.ts';
import { tokenF1, tokenPrecision, tokenRecall } from './tokenF1.ts';

const span = z
	.object({ start_token: z.number(), end_token: z.number() })
	.transform(({ start_token: start, end_token: end }) => ({ start, end }));
const annotationLine = z.object({
	annotation_id: z.string(),
	classification: z.string(),
	docids: z.array(z.string()).length(1),
	evidences: z.array(z.array(span)),
});
const predictionLine = z.object({
	annotation_id: z.string(),
	classification: z.string(),
	rationales: z
		.array(
			z.object({
				docid: z.string(),
				hard_rationale_predictions: z.array(span),
				soft_rationale_predictions: z.array(z.number()),
			}),
		)
		.length(1),
});
const prf = z.object({ p: z.number(), r: z.number(), f1: z.number() });
const instances = z.object({ instance_micro: prf, instance_macro: prf });
const eraserScores = z.object({
	classification_scores: z.object({
		accuracy: z.number(),
		prf: z.object({ 'macro avg': z.object({ 'f1-score': z.number() }) }),
	}),
	iou_scores: z.array(z.object({ micro: prf, macro: prf, threshold: z.number() })),
	rationale_prf: instances,
	token_prf: instances,
	token_soft_metrics: z.object({ auprc: z.number(), average_precision: z.number(), roc_auc_score: z.number() }),
});
const sklearnScores = z.record(
	z.string(),
	z.object({
		gold: z.array(z.number()),
		hard: z.array(z.number()),
		soft: z.array(z.number()),
		average_precision: z.number(),
		auprc_trapezoid: z.number(),
		auroc: z.number(),
		precision: z.number(),
		recall: z.number(),
		f1: z.number(),
		kappa: z.number(),
	}),
);

const read = (name: string): string =>
	readFileSync(new URL(`../../../fixtures/metrics/${name}`, import.meta.url), 'utf8');
const lines = (name: string): unknown[] =>
	read(name)
		.trim()
		.split('\n')
		.map((line): unknown => JSON.parse(line));

const published = eraserScores.parse(JSON.parse(read('eraser_scores.json')));
const perDocument = sklearnScores.parse(JSON.parse(read('sklearn.json')));
const annotations = z.array(annotationLine).parse(lines('data/test.jsonl'));
const predictions = new Map(
	z
		.array(predictionLine)
		.parse(lines('predictions.jsonl'))
		.map((line) => [line.annotation_id, line]),
);
const documents: EraserDocument[] = annotations.map(({ annotation_id, evidences }) => {
	const rationale = predictions.get(annotation_id)?.rationales[0];
	return {
		gold: evidences.flat(),
		predicted: rationale?.hard_rationale_predictions ?? [],
		scores: rationale?.soft_rationale_predictions ?? [],
	};
});
const wordsOf = (spans: EraserDocument['gold']): number[] =>
	[...new Set(spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)))].toSorted(
		(a, b) => a - b,
	);
const aligned: AlignedExample[] = documents.map(({ gold, predicted, scores }) => ({
	wordCount: scores.length,
	gold: wordsOf(gold),
	predicted: wordsOf(predicted),
	scores,
}));
const ours = (metric: Metric<AlignedExample>): Estimate => estimate(metric, aligned, { seed: 1, resamples: 20 });
const ones = (mask: readonly number[]): number[] => mask.flatMap((one, word) => (one === 1 ? [word] : []));
const valueOf = (score: Score): number => (hasValue(score) ? score.value : NaN);

describe('eraser.ts equals ERASER', () => {
	const expectClose = (mine: { p: number; r: number; f1: number }, theirs: typeof mine): void => {
		expect(mine.p).toBeCloseTo(theirs.p, 12);
		expect(mine.r).toBeCloseTo(theirs.r, 12);
		expect(mine.f1).toBeCloseTo(theirs.f1, 12);
	};

	test('the fixture holds 40 documents', () => expect(documents).toHaveLength(40));

	test('token_prf', () => {
		const { micro, macro } = eraserTokenScores(documents);
		expectClose(micro, published.token_prf.instance_micro);
		expectClose(macro, published.token_prf.instance_macro);
	});

	test('rationale_prf', () => {
		const { micro, macro } = eraserRationaleScores(documents);
		expectClose(micro, published.rationale_prf.instance_micro);
		expectClose(macro, published.rationale_prf.instance_macro);
	});

	test.each(published.iou_scores)('iou_scores at $threshold', ({ threshold, micro, macro }) => {
		const mine = eraserIouScores(documents, threshold);
		expectClose(mine.micro, micro);
		expectClose(mine.macro, macro);
	});

	test('token_soft_metrics', () => {
		const { auprc, averagePrecision, rocAucScore } = eraserSoftScores(documents);
		expect(valueOf(auprc)).toBeCloseTo(published.token_soft_metrics.auprc, 12);
		expect(valueOf(averagePrecision)).toBeCloseTo(published.token_soft_metrics.average_precision, 12);
		expect(valueOf(rocAucScore)).toBeCloseTo(published.token_soft_metrics.roc_auc_score, 12);
	});
});

describe('our metrics equal ERASER where no document is degenerate', () => {
	const theirs = {
		'token_f1.macro': published.token_prf.instance_macro.f1,
		'token_f1.micro': published.token_prf.instance_micro.f1,
		'token_precision.macro': published.token_prf.instance_macro.p,
		'token_recall.macro': published.token_prf.instance_macro.r,
		average_precision: published.token_soft_metrics.average_precision,
		auprc: published.token_soft_metrics.auprc,
		auroc: published.token_soft_metrics.roc_auc_score,
	};

	test.each(Object.entries(theirs))('%s', (id, value) => {
		const metric = Object.values(metrics.alignment).find(({ declaration }) => declaration.id === id);
		if (metric === undefined) throw new Error(id);
		expect(ours(metric)).toMatchObject({ n: 40, missing: 0 });
		expect(ours(metric).value).toBeCloseTo(value, 12);
	});

	test('iou_f1 equals the macro score, on maximal spans', () => {
		const merged = documents.map(({ gold, predicted, scores }) => ({
			gold: maximalSpans(wordsOf(gold)),
			predicted: maximalSpans(wordsOf(predicted)),
			scores,
		}));
		expect(ours(metrics.alignment.iou_f1).value).toBeCloseTo(eraserIouScores(merged).macro.f1, 12);
		expect(ours(metrics.alignment.iou_f1).value).toBeCloseTo(published.iou_scores[0]?.macro.f1 ?? NaN, 12);
	});

	test('accuracy and macro_f1', () => {
		const labels = ['NEG', 'POS'];
		const answers = annotations.map(({ annotation_id, classification }) => ({
			labels,
			gold: classification,
			prediction: predictions.get(annotation_id)?.classification ?? '',
		}));
		const options = { seed: 1, resamples: 20 };
		const { accuracy, prf: classes } = published.classification_scores;
		expect(estimate(metrics.prediction.accuracy, answers, options).value).toBeCloseTo(accuracy, 12);
		expect(estimate(metrics.prediction.macro_f1, answers, options).value).toBeCloseTo(
			classes['macro avg']['f1-score'],
			12,
		);
	});
});

test.each(Object.entries(perDocument))('scikit-learn on %s', (_, { gold, hard, soft, ...theirs }) => {
	const [annotated, chosen] = [ones(gold), ones(hard)];
	const overlap = overlapOf(gold.length, annotated, chosen);
	expect(valueOf(averagePrecisionOf(annotated, soft))).toBeCloseTo(theirs.average_precision, 12);
	expect(valueOf(auprcOf(annotated, soft))).toBeCloseTo(theirs.auprc_trapezoid, 12);
	expect(valueOf(aurocOf(annotated, soft))).toBeCloseTo(theirs.auroc, 12);
	expect(valueOf(tokenPrecision(overlap))).toBeCloseTo(theirs.precision, 12);
	expect(valueOf(tokenRecall(overlap))).toBeCloseTo(theirs.recall, 12);
	expect(valueOf(tokenF1(overlap))).toBeCloseTo(theirs.f1, 12);
	expect(valueOf(cohensKappa(overlap))).toBeCloseTo(theirs.kappa, 12);
});

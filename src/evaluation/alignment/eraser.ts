/**
 * ERASER's own scorer (DeYoung et al. 2020, `rationale_benchmark/metrics.py`), to compare with published numbers. Our
 * metrics differ where this one misleads:
 * - spans count as given, so three neighbouring one-word spans are not one span of three words;
 * - IOU recall counts chosen spans that match: two halves of one annotated span give recall 2 and F1 1.33;
 * - IOU precision leaves out documents without a chosen span, IOU recall those without an annotated one, while macro
 *   token scores count both as 0;
 * - AUPRC of a document without annotated words is 0.5 (scikit-learn 1.9) and counts.
 */
import { UserError } from '../../core/errors.ts';
import { presentValues, type Score } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';
import { auprcOf } from './auprc.ts';
import { aurocOf } from './auroc.ts';
import { averagePrecisionOf } from './averagePrecision.ts';
import { harmonicMean, iouThreshold } from './iouF1.ts';
import { matchedSpans, type WordRange } from './spans.ts';

/** One document of one annotation. */
export interface EraserDocument {
	/** Evidence of all groups, as given. */
	readonly gold: readonly WordRange[];
	/** `hard_rationale_predictions`. */
	readonly predicted: readonly WordRange[];
	/** `soft_rationale_predictions`, one per word. */
	readonly scores: readonly number[];
}

/** Precision, recall, F1. */
export interface EraserPrf {
	readonly p: number;
	readonly r: number;
	readonly f1: number;
}

export interface MicroAndMacro {
	readonly micro: EraserPrf;
	readonly macro: EraserPrf;
}

/** Returns `token_prf`. Throws `UserError` where ERASER divides by zero: no chosen or no annotated word in all documents. */
export function eraserTokenScores(documents: readonly EraserDocument[]): MicroAndMacro {
	return setScores(documents.map(({ gold, predicted }) => ({ gold: wordsOf(gold), predicted: wordsOf(predicted) })));
}

/** Returns `rationale_prf`: spans count when both ends agree. Throws as `eraserTokenScores`. */
export function eraserRationaleScores(documents: readonly EraserDocument[]): MicroAndMacro {
	return setScores(documents.map(({ gold, predicted }) => ({ gold: keysOf(gold), predicted: keysOf(predicted) })));
}

/** Returns `iou_scores` at a threshold; averages over nothing are 0. */
export function eraserIouScores(documents: readonly EraserDocument[], threshold = iouThreshold): MicroAndMacro {
	const counts = documents.map((document) => {
		const [gold, predicted] = [distinct(document.gold), distinct(document.predicted)];
		return { gold: gold.length, predicted: predicted.length, hits: matchedSpans(predicted, gold, threshold) };
	});
	const hits = total(counts.map((count) => count.hits));
	const micro = prf(share(hits, total(counts.map((c) => c.predicted))), share(hits, total(counts.map((c) => c.gold))));
	const precisions = counts.flatMap((c) => (c.predicted === 0 ? [] : [c.hits / c.predicted]));
	const recalls = counts.flatMap((c) => (c.gold === 0 ? [] : [c.hits / c.gold]));
	return { micro, macro: prf(share(total(precisions), precisions.length), share(total(recalls), recalls.length)) };
}

/** Returns `token_soft_metrics`: means over documents, AP and AUROC without those of one class; missing where none is left. */
export function eraserSoftScores(documents: readonly EraserDocument[]): {
	auprc: Score;
	averagePrecision: Score;
	rocAucScore: Score;
} {
	const rankings = documents.map(({ gold, scores }) => ({ gold: [...wordsOf(gold)], scores }));
	const twoClasses = rankings.filter(({ gold, scores }) => gold.length > 0 && gold.length < scores.length);
	const average = (list: typeof rankings, score: typeof auprcOf): Score =>
		mean(presentValues(list.map(({ gold, scores }) => score(gold, scores))));
	return {
		auprc: average(rankings, (gold, scores) => (gold.length === 0 ? { value: 0.5 } : auprcOf(gold, scores))),
		averagePrecision: average(twoClasses, averagePrecisionOf),
		rocAucScore: average(twoClasses, aurocOf),
	};
}

interface SetPair<Key> {
	readonly gold: ReadonlySet<Key>;
	readonly predicted: ReadonlySet<Key>;
}

function setScores<Key>(pairs: readonly SetPair<Key>[]): MicroAndMacro {
	const counts = pairs
		.map(({ gold, predicted }) => ({ gold: gold.size, predicted: predicted.size, both: shared(gold, predicted) }))
		.filter(({ gold, predicted }) => gold + predicted > 0);
	const [gold, predicted] = [total(counts.map((c) => c.gold)), total(counts.map((c) => c.predicted))];
	if (gold === 0 || predicted === 0) {
		throw new UserError(
			`ERASER's scores are undefined: ${predicted} chosen and ${gold} annotated in ${pairs.length} documents.`,
		);
	}
	const both = total(counts.map((c) => c.both));
	const each = counts.map((c) => prf(share(c.both, c.predicted), share(c.both, c.gold)));
	const average = (key: keyof EraserPrf): number => total(each.map((scores) => scores[key])) / each.length;
	return {
		micro: prf(both / predicted, both / gold),
		macro: { p: average('p'), r: average('r'), f1: average('f1') },
	};
}

function prf(p: number, r: number): EraserPrf {
	return { p, r, f1: harmonicMean(p, r) };
}

function shared<Key>(a: ReadonlySet<Key>, b: ReadonlySet<Key>): number {
	return [...a].filter((key) => b.has(key)).length;
}

function share(part: number, whole: number): number {
	return whole === 0 ? 0 : part / whole;
}

function total(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0);
}

function wordsOf(spans: readonly WordRange[]): Set<number> {
	return new Set(spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)));
}

function keysOf(spans: readonly WordRange[]): Set<string> {
	return new Set(spans.map(({ start, end }) => `${start}-${end}`));
}

function distinct(spans: readonly WordRange[]): WordRange[] {
	return [...new Map(spans.map((span) => [`${span.start}-${span.end}`, span])).values()];
}

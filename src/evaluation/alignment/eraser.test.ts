/** The six cases of docs/methods.md 0.2 item 6, as ERASER scores them and as our `iou_f1` does. */
import { describe, expect, test } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { estimate } from '../estimate.ts';
import { type EraserDocument, eraserIouScores, eraserSoftScores, eraserTokenScores } from './eraser.ts';
import { iouF1 } from './iouF1.ts';
import type { WordRange } from './spans.ts';

const range = (start: number, end: number): WordRange => ({ start, end });
const document = (gold: WordRange[], predicted: WordRange[], scores: number[] = []): EraserDocument => ({
	gold,
	predicted,
	scores,
});
const words = (spans: readonly WordRange[]): number[] =>
	spans.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index));
const ours = (...pairs: (readonly [readonly WordRange[], readonly WordRange[]])[]) =>
	estimate(
		iouF1,
		pairs.map(([gold, predicted]) => ({ wordCount: 20, gold: words(gold), predicted: words(predicted), scores: null })),
		{ seed: 1, resamples: 10 },
	).value;

describe('the six cases', () => {
	test('IoU of exactly 0.5 is a match', () => {
		expect(eraserIouScores([document([range(0, 4)], [range(0, 2)])]).micro).toEqual({ p: 1, r: 1, f1: 1 });
		expect(ours([[range(0, 4)], [range(0, 2)]])).toBe(1);
		expect(eraserIouScores([document([range(0, 5)], [range(0, 2)])]).micro.f1).toBe(0);
		expect(ours([[range(0, 5)], [range(0, 2)]])).toBe(0);
	});

	test('two half-spans give recall 2 and F1 1.33; ours merges them into the annotated span', () => {
		const halves = eraserIouScores([document([range(0, 4)], [range(0, 2), range(2, 4)])]);
		expect(halves.micro).toEqual({ p: 1, r: 2, f1: 4 / 3 });
		expect(halves.macro).toEqual({ p: 1, r: 2, f1: 4 / 3 });
		expect(ours([[range(0, 4)], [range(0, 2), range(2, 4)]])).toBe(1);
	});

	test('three one-word spans score 0, the same words as one span 1; ours is 1 either way', () => {
		const gold = [range(3, 6)];
		const single = [range(3, 4), range(4, 5), range(5, 6)];
		expect(eraserIouScores([document(gold, single)]).macro.f1).toBe(0);
		expect(eraserIouScores([document(gold, [range(3, 6)])]).macro.f1).toBe(1);
		expect(ours([gold, single])).toBe(1);
		expect(ours([gold, gold])).toBe(1);
	});

	test('no prediction at all is a division by zero', () => {
		expect(() => eraserTokenScores([document([range(0, 4)], [])])).toThrow(UserError);
		expect(() => eraserTokenScores([document([], [range(0, 4)])])).toThrow(/undefined: 4 chosen and 0 annotated/);
		expect(ours([[range(0, 4)], []])).toBe(0);
	});
});

describe('documents without spans', () => {
	const hit = document([range(0, 2)], [range(0, 2)]);

	test('IOU precision leaves out documents without chosen spans; ours counts them as 0', () => {
		const documents = [hit, document([range(5, 7)], [])];
		expect(eraserIouScores(documents).macro).toEqual({ p: 1, r: 0.5, f1: 2 / 3 });
		expect(ours(...documents.map(({ gold, predicted }) => [gold, predicted] as const))).toBe(0.5);
	});

	test('macro token scores count them as 0 on either side; both empty is no document', () => {
		const documents = [hit, document([range(5, 7)], []), document([], [range(1, 2)]), document([], [])];
		expect(eraserTokenScores(documents).macro).toEqual({ p: 1 / 3, r: 1 / 3, f1: 1 / 3 });
		expect(eraserIouScores([document([], [])]).macro).toEqual({ p: 0, r: 0, f1: 0 });
	});

	test('AUPRC counts 0.5 without annotated words and 1 with nothing else; AP and AUROC skip both', () => {
		const documents = [
			document([], [], [0.1, 0.2]),
			document([range(0, 2)], [], [0.1, 0.2]),
			document([range(0, 1)], [], [0.9, 0.2]),
		];
		const soft = eraserSoftScores(documents);
		expect(soft).toEqual({ auprc: { value: 2.5 / 3 }, averagePrecision: { value: 1 }, rocAucScore: { value: 1 } });
	});
});

test('repeated spans count once', () => {
	const twice = document([range(0, 2), range(0, 2)], [range(0, 2), range(0, 2)]);
	expect(eraserIouScores([twice]).micro).toEqual({ p: 1, r: 1, f1: 1 });
});

/** Every closed chance level against 10,000 seeded random rationales (docs/methods.md D.8, H.7). */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { hasValue, type Score } from '../../core/score.ts';
import { estimate } from '../estimate.ts';
import { metrics } from '../metrics.ts';
import type { AlignedExample } from './alignedExample.ts';
import { auprcOf, expectedAuprc } from './auprc.ts';
import { aurocOf } from './auroc.ts';
import { averagePrecisionOf, expectedAveragePrecision } from './averagePrecision.ts';
import { cohensKappa } from './kappa.ts';
import { chanceOverlap, overlapOf } from './overlap.ts';
import { tokenF1, tokenPrecision, tokenRecall } from './tokenF1.ts';

const simulations = 10_000;
const valueOf = (score: Score): number => (hasValue(score) ? score.value : NaN);

/** Expects the mean of `draw` to lie within 4.5 standard errors of `expected` (and the error to be small). */
function expectMean(expected: number, draw: () => number): void {
	let [sum, squares] = [0, 0];
	for (let i = 0; i < simulations; i++) {
		const value = draw();
		sum += value;
		squares += value * value;
	}
	const mean = sum / simulations;
	const error = Math.sqrt(Math.max(0, squares / simulations - mean * mean) / simulations);
	expect(error).toBeLessThan(0.01);
	expect(Math.abs(mean - expected)).toBeLessThanOrEqual(4.5 * error + 1e-12);
}

const cases = [
	{ words: 12, gold: 3, chosen: 3 },
	{ words: 25, gold: 4, chosen: 9 },
	{ words: 7, gold: 6, chosen: 2 },
	{ words: 2, gold: 1, chosen: 1 },
];

describe.each(cases)('$chosen of $words words, $gold annotated', ({ words, gold, chosen }) => {
	const numbers = Array.from({ length: words }, (_, word) => word);
	const annotated = numbers.slice(0, gold);
	const random = seededRandom('chance', words, gold, chosen);
	const randomOverlap = () => overlapOf(words, annotated, random.sample(numbers, chosen));
	const chance = chanceOverlap({ words, gold, predicted: chosen, both: 0 });

	test.each([
		['precision', tokenPrecision, gold / words],
		['recall', tokenRecall, chosen / words],
		['F1', tokenF1, (2 * chosen * gold) / (words * (chosen + gold))],
		['kappa', cohensKappa, 0],
	] as const)('%s', (_, score, closed) => {
		expect(valueOf(score(chance))).toBeCloseTo(closed, 12);
		expectMean(closed, () => valueOf(score(randomOverlap())));
	});

	test.each([
		['average precision', averagePrecisionOf, expectedAveragePrecision(words, gold)],
		['AUPRC', auprcOf, expectedAuprc(words, gold)],
		['AUROC', aurocOf, 0.5],
	] as const)('%s', (_, score, closed) => {
		expectMean(closed, () => valueOf(score(annotated, random.shuffle(numbers))));
	});
});

test('a text of one word has one order', () => {
	expect(expectedAveragePrecision(1, 1)).toBe(1);
	expect(expectedAuprc(1, 1)).toBe(1);
});

describe('over examples of different lengths', () => {
	const shapes = [
		{ words: 20, gold: 2 },
		{ words: 10, gold: 8 },
		{ words: 15, gold: 5 },
	];
	const random = seededRandom('pooled chance');
	const draw = (): AlignedExample[] =>
		shapes.map(({ words, gold }) => {
			const numbers = Array.from({ length: words }, (_, word) => word);
			return {
				wordCount: words,
				gold: numbers.slice(0, gold),
				predicted: random.sample(numbers, gold),
				scores: random.shuffle(numbers),
			};
		});
	const options = { seed: 1, resamples: 1 };
	const withChance = Object.values(metrics.alignment).filter(({ declaration }) => declaration.id !== 'iou_f1');

	test.each(withChance.map((metric) => [metric.declaration.id, metric] as const))('%s', (_, metric) => {
		const { chance } = estimate(metric, draw(), options);
		if (chance === null) throw new Error('no chance level');
		expectMean(chance, () => estimate(metric, draw(), options).value ?? NaN);
	});

	test('pooled kappa of random words is above 0 where long rationales meet long annotations', () => {
		expect(estimate(metrics.alignment.kappa, draw(), options).chance).toBeGreaterThan(0.2);
	});

	test('IOU F1 of random words equals its simulated chance level on average', () => {
		const gaps = Array.from({ length: 300 }, () => {
			const { value, chance } = estimate(metrics.alignment.iou_f1, draw(), options);
			return (value ?? NaN) - (chance ?? NaN);
		});
		expect(Math.abs(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length)).toBeLessThan(0.03);
	});
});

import { describe, expect, test } from 'vitest';
import { collapseVerdict } from './collapse.ts';
import { estimate } from './estimate.ts';
import { metrics } from './metrics.ts';
import type { PredictedExample } from './prediction/predictedExample.ts';

const labels = ['nurse', 'surgeon', 'dentist'];
const answers = (count: number, gold: string | null, prediction: string): PredictedExample[] =>
	Array.from({ length: count }, () => ({ labels, gold, prediction }));
const good = labels.flatMap((label) => answers(40, label, label));

test('an accurate model with even predictions is evaluable', () => {
	expect(collapseVerdict(good, 0.1)).toEqual({ level: 'evaluable', reasons: [] });
	expect(collapseVerdict(good, null).level).toBe('evaluable');
});

describe('not evaluable', () => {
	test('a constant model', () => {
		const { level, reasons } = collapseVerdict(
			labels.flatMap((gold) => answers(40, gold, 'nurse')),
			0,
		);
		expect(level).toBe('not evaluable');
		expect(reasons).toEqual([
			'120 of 120 predictions (100 %) are "nurse", more than 90 %: predictions that have collapsed onto one label cannot flip',
			'the entropy of the predictions is 0.00 of its maximum, less than 0.3: hardly any label but "nurse" is predicted',
			'the accuracy of 33.3 % on 120 examples (95 % interval 25.5 % to 42.2 %) is not clearly above 33.3 %, what always answering "nurse" would reach: the model may not do the task',
		]);
	});

	test('a constant model without gold labels', () => {
		expect(collapseVerdict(answers(50, null, 'nurse'), null).level).toBe('not evaluable');
	});

	test('no predictions', () => {
		expect(collapseVerdict([], null)).toEqual({ level: 'not evaluable', reasons: ['there are no predictions'] });
	});

	test('a model that guesses or is worse than the majority label', () => {
		const wrong = labels.flatMap((gold) => labels.flatMap((prediction) => answers(20, gold, prediction)));
		const { level, reasons } = collapseVerdict(wrong, 0.2);
		expect(level).toBe('not evaluable');
		expect(reasons).toHaveLength(1);
		expect(reasons[0]).toContain('accuracy of 33.3 % on 180 examples');
		const swapped = labels.flatMap((gold, index) => answers(40, gold, labels[(index + 1) % 3] ?? ''));
		expect(collapseVerdict(swapped, 0.2).level).toBe('not evaluable');
	});

	test('a task with one label', () => {
		const { level, reasons } = collapseVerdict([{ labels: ['only'], gold: 'only', prediction: 'only' }], null);
		expect(level).toBe('not evaluable');
		expect(reasons).toContain('the task has one label');
	});

	test('91 % on one label, but not 90 %', () => {
		const two = ['yes', 'no'];
		const mix = (yes: number, no: number): PredictedExample[] => [
			...Array.from({ length: yes }, () => ({ labels: two, gold: null, prediction: 'yes' })),
			...Array.from({ length: no }, () => ({ labels: two, gold: null, prediction: 'no' })),
		];
		expect(collapseVerdict(mix(91, 9), null).level).toBe('not evaluable');
		expect(collapseVerdict(mix(90, 10), null).level).toBe('with care');
	});
});

describe('with care', () => {
	const reasonsOf = (examples: PredictedExample[], randomFlips: number | null): readonly string[] => {
		const { level, reasons } = collapseVerdict(examples, randomFlips);
		expect(level).toBe('with care');
		return reasons;
	};

	test('masks that flip most predictions at random', () => {
		expect(reasonsOf(good, 0.62)).toEqual([
			'masking as many random words already flips 62 % of the predictions, more than 50 %: the masking destroys the text, whichever words it takes',
		]);
	});

	test('few examples', () => {
		const few = labels.flatMap((label) => answers(9, label, label));
		expect(reasonsOf(few, 0.1)).toEqual(['only 27 examples: every figure is uncertain']);
	});

	test('three predictions in four on one label', () => {
		const skewed = [...answers(160, 'nurse', 'nurse'), ...answers(40, 'surgeon', 'surgeon')];
		expect(reasonsOf(skewed, 0.1)[0]).toContain('160 of 200 predictions (80 %) are "nurse"');
	});

	test('an uncertain accuracy', () => {
		const uncertain = labels.flatMap((label, index) => [
			...answers(7, label, label),
			...answers(4, label, labels[(index + 1) % 3] ?? ''),
		]);
		expect(reasonsOf(uncertain, 0.1)).toEqual([
			'the accuracy of 63.6 % on 33 examples (95 % interval 46.6 % to 77.8 %) is uncertain',
		]);
	});

	test('missing gold labels', () => {
		expect(
			reasonsOf(
				good.map((one) => ({ ...one, gold: null })),
				0.1,
			)[0],
		).toMatch(/^no gold labels: /);
		expect(reasonsOf([...good, ...answers(1, null, 'nurse')], 0.1)).toEqual([
			'1 of 121 examples have no gold label: the accuracy leaves them out',
		]);
	});
});

describe('one interval for one figure', () => {
	const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

	test.each([
		[3, 0],
		[5, 5],
		[33, 21],
		[1, 0],
	])('accuracy of %i texts, %i of them right: the same in its row and in the verdict', (n, right) => {
		const two = ['negative', 'positive'];
		const texts: PredictedExample[] = Array.from({ length: n }, (_, i) => {
			const prediction = two[i % 2] ?? '';
			return { labels: two, prediction, gold: i < right ? prediction : (two[(i + 1) % 2] ?? '') };
		});
		const { value, ci95 } = estimate(metrics.prediction.accuracy, texts, { seed: 1 });
		const [low, high] = ci95 ?? [NaN, NaN];
		const said = collapseVerdict(texts, null).reasons.find((reason) => reason.startsWith('the accuracy')) ?? '';
		expect(said).toContain(
			`${percent(value ?? NaN)} on ${n} examples (95 % interval ${percent(low)} to ${percent(high)})`,
		);
	});

	test('the share of the most frequent label has an interval with width where all predictions are alike', () => {
		const { value, ci95 } = estimate(metrics.prediction.majority_share, answers(3, 'nurse', 'nurse'), { seed: 1 });
		expect(value).toBe(1);
		// Exact, 3 of 3.
		expect(ci95).toEqual([expect.closeTo(0.025 ** (1 / 3), 12), 1]);
		// Of three labels the most frequent one has a third at least.
		expect(estimate(metrics.prediction.majority_share, good, { seed: 1 }).ci95?.[0]).toBeGreaterThanOrEqual(1 / 3);
	});
});

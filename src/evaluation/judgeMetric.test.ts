import { describe, expect, it } from 'vitest';
import { missing, scored } from '../core/score.ts';
import { type JudgedMethod, orderAgreement, pairwiseAccuracy } from './judgeMetric.ts';
import { meanMetric, noChance } from './metric.ts';

const metricOf = (better: 'higher' | 'lower') =>
	meanMetric<number | null>(
		{
			...{ id: 'm', title: 'M', family: 'faithfulness', range: [0, 1], better, needs: 'masking', judges: 'chosen' },
			source: 'a test',
		},
		(value) => (value === null ? missing('no value') : scored(value)),
		noChance,
	);
const method = (truth: number, ...items: (number | null)[]): JudgedMethod<number | null> => ({
	items,
	truth: items.map(() => scored(truth)),
});
const options = { seed: 1, resamples: 200 };

describe('the order of the methods', () => {
	it('is the true one', () => {
		const found = orderAgreement(
			metricOf('higher'),
			[method(1, 0.9, 0.8), method(0.5, 0.5, 0.4), method(0, 0.1, 0.3)],
			options,
		);
		// Every resample has the same order, which tells nothing of how sure it is.
		expect(found).toMatchObject({
			value: 1,
			ci95: null,
			methods: 3,
			n: 2,
			missing: 0,
			note: 'all resamples are alike: no interval',
		});
	});

	it('is turned round where lower is better', () => {
		const methods = [method(1, 0.1), method(0.5, 0.5), method(0, 0.9)];
		expect(orderAgreement(metricOf('lower'), methods, options).value).toBe(1);
		expect(orderAgreement(metricOf('higher'), methods, options).value).toBe(-1);
	});

	it('has an interval where it depends on the examples', () => {
		const methods = [method(1, 1, 0, 1, 0, 1), method(0, 0, 1, 0, 1, 0)];
		const { value, ci95 } = orderAgreement(metricOf('higher'), methods, options);
		expect([value, ci95]).toEqual([1, [-1, 1]]);
	});

	it('leaves out methods without a value, then examples without one for all others', () => {
		const methods = [method(1, 0.9, null, 0.7), method(0.5, 0.2, 0.3, 0.1), method(0, null, null, null)];
		expect(orderAgreement(metricOf('higher'), methods, options)).toMatchObject({
			...{ value: 1, methods: 2, n: 2, missing: 1 },
		});
	});

	it('does not exist for one method, or where all are equal', () => {
		expect(orderAgreement(metricOf('higher'), [method(1, 0.5)], options)).toMatchObject({ value: null, n: 1 });
		const equal = orderAgreement(metricOf('higher'), [method(1, 0.5), method(0, 0.5)], options);
		expect([equal.value, equal.note]).toEqual([null, 'all equal: no order to compare']);
	});
});

describe('rationales of one example', () => {
	it('are told apart by their values, equal ones half', () => {
		// The three pairs of the first example: larger, larger, equal. Of the second: smaller, larger, larger.
		const methods = [method(1, 0.9, 0.5), method(0.5, 0.2, 0.6), method(0, 0.2, 0.1)];
		expect(pairwiseAccuracy(metricOf('higher'), methods, options).value).toBeCloseTo((2.5 / 3 + 2 / 3) / 2, 12);
	});

	it('count only where their truth differs', () => {
		const methods = [method(1, 0.9, 0.1), method(1, 0.2, 0.2), method(0, 0.1, 0.3)];
		expect(pairwiseAccuracy(metricOf('higher'), methods, options)).toMatchObject({ value: 0.5, n: 2, missing: 0 });
		const alike = pairwiseAccuracy(metricOf('higher'), [method(1, 0.9), method(1, 0.1)], options);
		expect(alike).toMatchObject({ value: null, n: 0, missing: 1, note: 'no example has rationales to tell apart' });
	});

	it('are told apart by chance where the metric is constant', () => {
		expect(pairwiseAccuracy(metricOf('higher'), [method(1, 0, 0), method(0, 0, 0)], options).value).toBe(0.5);
	});
});

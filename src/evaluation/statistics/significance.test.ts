import { describe, expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { binomialTail, hypergeometric, logChoose } from './combinatorics.ts';
import { holm } from './holm.ts';
import { equalValuesBound, wilsonInterval } from './proportion.ts';

describe('Holm', () => {
	test('adjusts step by step and keeps the order given', () => {
		const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
		expect(adjusted.map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
		expect(holm([0.6, 0.7])).toEqual([1, 1]);
		expect(holm([])).toEqual([]);
	});

	test('refuses what is no p value', () => expect(() => holm([0.5, NaN])).toThrow(InternalError));
});

describe('shares', () => {
	test('Wilson interval of 8 in 10, 0 in 10, 10 in 10', () => {
		const round = ([low, high]: readonly [number, number]) => [Number(low.toFixed(4)), Number(high.toFixed(4))];
		expect(round(wilsonInterval(8, 10))).toEqual([0.4902, 0.9433]);
		expect(round(wilsonInterval(0, 10))).toEqual([0, 0.2775]);
		expect(round(wilsonInterval(10, 10))).toEqual([0.7225, 1]);
	});

	test('exact bound of equal values, on any range: that of Clopper and Pearson at an end', () => {
		expect(equalValuesBound(0, 10, [0, 1])).toEqual([0, expect.closeTo(0.3085, 4)]);
		expect(equalValuesBound(1, 10, [-1, 1])).toEqual([expect.closeTo(1 - 2 * 0.3085, 3), 1]);
		expect(equalValuesBound(0.5, 10, [0, 1])).toEqual([expect.closeTo(0.5 - 0.15425, 4), expect.closeTo(0.65425, 4)]);
		expect(equalValuesBound(0.5, 10, [-Infinity, Infinity])).toBeNull();
	});
});

describe('counting', () => {
	test('binomial coefficients', () => {
		expect(Math.exp(logChoose(10, 3))).toBeCloseTo(120, 9);
		expect(logChoose(7, 0)).toBe(0);
	});

	test('binomial tail by its definition, and of its last term', () => {
		expect(binomialTail(9, 1)).toBeCloseTo(10 / 512, 15);
		expect(binomialTail(9, 6)).toBeCloseTo(1 - 46 / 512, 15);
		expect(binomialTail(4, 4)).toBe(1);
		expect(binomialTail(300, 0) * 2 ** 300).toBeCloseTo(1, 9);
	});

	test('hypergeometric probabilities add up to 1 and have the mean K G / W', () => {
		const all = hypergeometric(12, 5, 9);
		expect(all[0]?.hits).toBe(2);
		expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
		expect(all.reduce((sum, { hits, probability }) => sum + hits * probability, 0)).toBeCloseTo(45 / 12, 12);
	});
});

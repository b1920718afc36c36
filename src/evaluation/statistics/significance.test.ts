import { describe, expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { missing, type Score } from '../../core/score.ts';
import { hypergeometric, logChoose } from './combinatorics.ts';
import { holm } from './holm.ts';
import { mcnemarExact } from './mcnemar.ts';
import { mean } from './mean.ts';
import { unanimousBound, wilsonInterval } from './proportion.ts';
import { randomisationTest } from './randomisation.ts';

describe('approximate randomisation', () => {
	test('comes close to the exact p of all swaps', () => {
		const [first, second] = [
			[3, 5, 4, 6, 5, 7],
			[2, 3, 4, 5, 5, 4],
		];
		const differences = first.map((value, index) => value - (second[index] ?? 0));
		const observed = differences.reduce((sum, d) => sum + d, 0);
		let extreme = 0;
		for (let bits = 0; bits < 64; bits++) {
			const sum = differences.reduce((total, d, index) => total + ((bits >> index) & 1 ? -d : d), 0);
			if (Math.abs(sum) >= observed) extreme++;
		}
		const { p, difference } = randomisationTest(first, second, mean, { seed: 3, resamples: 20_000 });
		expect(difference).toEqual({ value: expect.closeTo(observed / 6, 12) as number });
		expect(p).toBeGreaterThan(extreme / 64 - 0.01);
		expect(p).toBeLessThan(extreme / 64 + 0.01);
	});

	test('p is at least 1 / (1 + R), and 1 without a difference', () => {
		const high = Array.from({ length: 40 }, (_, index) => index / 40 + 1);
		const low = high.map((value) => value - 1);
		expect(randomisationTest(high, low, mean, { seed: 1, resamples: 999 }).p).toBe(1 / 1000);
		expect(randomisationTest(low, low, mean, { seed: 1, resamples: 999 }).p).toBe(1);
	});

	test('rejects a true null hypothesis about as often as it says', () => {
		let rejected = 0;
		for (let run = 0; run < 300; run++) {
			const random = seededRandom('null', run);
			const draw = (): number[] => Array.from({ length: 25 }, () => random.normal());
			const { p } = randomisationTest(draw(), draw(), mean, { seed: run, resamples: 199 });
			if ((p ?? 1) <= 0.05) rejected++;
		}
		expect(rejected / 300).toBeGreaterThan(0.015);
		expect(rejected / 300).toBeLessThan(0.095);
	});

	test('swaps without a value are drawn again; too many give no p', () => {
		const allFirst = (items: readonly string[]): Score =>
			items.every((item) => item === items[0]) ? mean([1]) : missing('mixed');
		const result = randomisationTest(['a', 'a', 'a'], ['b', 'b', 'b'], allFirst, { seed: 1, resamples: 40 });
		expect(result).toEqual({ difference: { value: 0 }, p: null, degenerate: 41 });
	});

	test('pairs need partners', () => {
		expect(() => randomisationTest([1], [1, 2], mean, { seed: 1 })).toThrow(InternalError);
	});
});

describe('Holm', () => {
	test('adjusts step by step and keeps the order given', () => {
		const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
		expect(adjusted.map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
		expect(holm([0.6, 0.7])).toEqual([1, 1]);
		expect(holm([])).toEqual([]);
	});

	test('refuses what is no p value', () => expect(() => holm([0.5, NaN])).toThrow(InternalError));
});

describe('McNemar, exact', () => {
	test('by hand', () => {
		expect(mcnemarExact(1, 8)).toBeCloseTo((2 * (1 + 9)) / 512, 12);
		expect(mcnemarExact(8, 1)).toBe(mcnemarExact(1, 8));
		expect(mcnemarExact(0, 0)).toBe(1);
		expect(mcnemarExact(5, 5)).toBe(1);
	});

	test('large counts stay finite', () => {
		expect(mcnemarExact(900, 1100)).toBeCloseTo(8.5e-6, 6);
	});

	test('refuses what is no count', () => expect(() => mcnemarExact(-1, 2)).toThrow(InternalError));
});

describe('shares', () => {
	test('Wilson interval of 8 in 10, 0 in 10, 10 in 10', () => {
		const round = ([low, high]: readonly [number, number]) => [Number(low.toFixed(4)), Number(high.toFixed(4))];
		expect(round(wilsonInterval(8, 10))).toEqual([0.4902, 0.9433]);
		expect(round(wilsonInterval(0, 10))).toEqual([0, 0.2775]);
		expect(round(wilsonInterval(10, 10))).toEqual([0.7225, 1]);
	});

	test('exact bound of unanimous values, on any range', () => {
		expect(unanimousBound(0, 10, [0, 1])).toEqual([0, expect.closeTo(0.3085, 4)]);
		expect(unanimousBound(1, 10, [-1, 1])).toEqual([expect.closeTo(1 - 2 * 0.3085, 3), 1]);
		expect(unanimousBound(0.5, 10, [0, 1])).toBeNull();
	});
});

describe('counting', () => {
	test('binomial coefficients', () => {
		expect(Math.exp(logChoose(10, 3))).toBeCloseTo(120, 9);
		expect(logChoose(7, 0)).toBe(0);
	});

	test('hypergeometric probabilities add up to 1 and have the mean K G / W', () => {
		const all = hypergeometric(12, 5, 9);
		expect(all[0]?.hits).toBe(2);
		expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
		expect(all.reduce((sum, { hits, probability }) => sum + hits * probability, 0)).toBeCloseTo(45 / 12, 12);
	});
});

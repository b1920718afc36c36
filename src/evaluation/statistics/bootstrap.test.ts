import { describe, expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { bootstrap, sharedDraws } from './bootstrap.ts';
import type { Resample } from './resample.ts';
import { endsOf, quantile } from './quantiles.ts';
import { resampledSums, sumAt } from './resampledSums.ts';
import { sharedSums } from './sharedSums.ts';

const meanOf =
	(values: readonly number[]) =>
	(indexes: Resample): Score => {
		let sum = 0;
		for (const index of indexes) sum += values[index] ?? NaN;
		return scored(sum / indexes.length);
	};
const values = [0.1, 0.9, 0.4, 0.7, 0.2, 0.6, 0.8, 0.3];

describe('bootstrap', () => {
	test('the same seed gives the same interval, another seed another', () => {
		const first = bootstrap(8, meanOf(values), { seed: 7 });
		expect(bootstrap(8, meanOf(values), { seed: 7 })).toEqual(first);
		expect(bootstrap(8, meanOf(values), { seed: 8 })).not.toEqual(first);
		expect(first.ci95?.[0]).toBeLessThan(0.5);
		expect(first.ci95?.[1]).toBeGreaterThan(0.5);
	});

	test('no interval for fewer than two examples', () => {
		expect(bootstrap(0, meanOf([]), { seed: 1 })).toEqual({ ci95: null, degenerate: 0, note: 'no examples' });
		expect(bootstrap(1, meanOf([3]), { seed: 1 }).ci95).toBeNull();
	});

	test('resamples without a value are drawn again; too many give no interval', () => {
		const picky = (indexes: Resample): Score => (indexes.includes(0) ? meanOf(values)(indexes) : missing('no 0'));
		const result = bootstrap(8, picky, { seed: 1 });
		expect(result.degenerate).toBeGreaterThan(200);
		expect(result.ci95).not.toBeNull();
		const identity = (indexes: Resample): Score =>
			indexes.every((index, position) => index === position) ? scored(1) : missing('shuffled');
		expect(bootstrap(8, identity, { seed: 1, resamples: 50 })).toEqual({
			ci95: null,
			degenerate: 51,
			note: 'no interval: more than half of the resamples have no value',
		});
	});

	test('a 95 % interval holds the true mean of skewed data about 95 times in 100', () => {
		const [runs, n] = [400, 50];
		let covered = 0;
		for (let run = 0; run < runs; run++) {
			const random = seededRandom('coverage', run);
			const sample = Array.from({ length: n }, () => random.next() ** 2);
			const { ci95 } = bootstrap(n, meanOf(sample), { seed: run, resamples: 400 });
			if (ci95 !== null && ci95[0] <= 1 / 3 && 1 / 3 <= ci95[1]) covered++;
		}
		expect(covered / runs).toBeGreaterThan(0.91);
		expect(covered / runs).toBeLessThan(0.98);
	});

	test('quantiles are linear between values, as in NumPy', () => {
		expect(quantile([1, 2, 3, 4], 0.025)).toBeCloseTo(1.075, 12);
		expect(quantile([1, 2, 3, 4], 1)).toBe(4);
		expect(quantile([5], 0.5)).toBe(5);
	});

	test('the number of draws is a positive integer', () => {
		expect(() => bootstrap(8, meanOf(values), { seed: 1, resamples: 0 })).toThrow(InternalError);
	});
});

test('quantiles without sorting are those of the sorted values, with many equal ones too', () => {
	for (const levels of [1e9, 40, 2, 1]) {
		for (const n of [1, 2, 3, 40, 999, 1000, 5000]) {
			const random = seededRandom('quantiles', levels, n);
			const drawn = Float64Array.from({ length: n }, () => random.integer(levels) / 7);
			const sorted = drawn.toSorted();
			expect(endsOf(drawn, 0.025)).toEqual([quantile(sorted, 0.025), quantile(sorted, 0.975)]);
		}
	}
});

test.each([1, 2, 7, 8, 9])('sums of %i columns together are, to the last bit, those of each alone', (width) => {
	const random = seededRandom('columns', width);
	const columns = Array.from({ length: width }, () => Float64Array.from({ length: 30 }, () => random.normal()));
	const draw = sharedDraws()(3, 30);
	const sums = resampledSums(columns, draw, 50);
	for (const [c, column] of columns.entries()) {
		expect([...(sums[c] ?? [])]).toEqual(Array.from({ length: 50 }, (_, k) => sumAt(column, draw(k))));
	}
});

describe('shared draws', () => {
	test('give the intervals of fresh ones, whatever was drawn before', () => {
		const draws = sharedDraws();
		const values = Array.from({ length: 30 }, (_, i) => Math.sin(i));
		const sometimes: (indexes: Resample) => Score = (indexes) =>
			indexes[0] === 3 ? { missing: 'none' } : { value: values[indexes[0] ?? 0] ?? NaN };
		const first: (indexes: Resample) => Score = (indexes) => ({ value: values[indexes[1] ?? 0] ?? NaN });
		for (const [n, statistic] of [
			[30, sometimes],
			[20, first],
			[30, first],
			[20, sometimes],
		] as const) {
			const fresh = bootstrap(n, statistic, { seed: 7, resamples: 100 });
			expect(bootstrap(n, statistic, { seed: 7, resamples: 100, draws })).toEqual(fresh);
		}
	});
});

test('shared sums are those of the columns alone, and equal columns have one', () => {
	const random = seededRandom('shared sums');
	const columns = Array.from({ length: 5 }, () => Float64Array.from({ length: 20 }, () => random.integer(3)));
	const own = columns[0] ?? new Float64Array(0);
	const draw = sharedDraws()(3, 20);
	const sums = sharedSums();
	const first = sums(columns, { seed: 3, resamples: 40, draw });
	expect(first.map((each) => [...each])).toEqual(resampledSums(columns, draw, 40).map((each) => [...each]));
	const [again, other] = sums([own.slice(), own.map((value) => value + 1)], { seed: 3, resamples: 40, draw });
	expect(again).toBe(first[0]);
	expect([...(other ?? [])]).toEqual([...(resampledSums([own.map((value) => value + 1)], draw, 40)[0] ?? [])]);
	expect(sums([own], { seed: 4, resamples: 40, draw: sharedDraws()(4, 20) })[0]).not.toEqual(again);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missing, scored } from '../../core/score.ts';
import {
	areaOverPi,
	minMaxScaled,
	retentionAt,
	softNormalisedComprehensiveness,
	softNormalisedSufficiency,
} from './softMasking.ts';

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('scores on 0..1', () => {
	expect(minMaxScaled([-1, 1, 3])).toEqual([0, 0.5, 1]);
	expect(minMaxScaled([2, 2])).toHaveProperty('missing');
});

describe('keep probabilities with a given mean', () => {
	test('by hand: the square root of 1/4 and 1 has mean 3/4', () => {
		const { keep, clipped } = retentionAt(0.75, [0.25, 1]);
		expect(keep[0]).toBeCloseTo(0.5, 9);
		expect(keep[1]).toBe(1);
		expect(clipped).toBe(false);
	});

	test('are shifted where no power has that mean', () => {
		// One of four is above 0: powers keep at most a quarter.
		const { keep, clipped } = retentionAt(0.5, [0, 0, 0, 1]);
		expect(clipped).toBe(true);
		expect(average(keep)).toBeCloseTo(0.5, 9);
		expect(keep[3]).toBe(1);
	});

	test('have that mean and the order of the scores, whatever these are', () => {
		const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 30 });
		fc.assert(
			fc.property(scores, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (a, pi) => {
				const { keep } = retentionAt(pi, a);
				expect(average(keep)).toBeCloseTo(pi, 6);
				for (const [i, p] of keep.entries()) {
					expect(p).toBeGreaterThanOrEqual(0);
					expect(p).toBeLessThanOrEqual(1);
					for (const [j, q] of keep.entries()) if ((a[i] ?? 0) > (a[j] ?? 0)) expect(p).toBeGreaterThanOrEqual(q);
				}
			}),
		);
	});
});

test('normalised scores, by hand and where they do not exist', () => {
	const probabilities = { full: 0.9, empty: 0.5, draws: [0.7, 0.4] };
	expect(softNormalisedComprehensiveness(probabilities)).toEqual({ value: expect.closeTo(0.75, 12) as number });
	expect(softNormalisedSufficiency(probabilities)).toEqual({ value: expect.closeTo(0.25, 12) as number });
	expect(softNormalisedSufficiency({ ...probabilities, empty: 0.9 })).toHaveProperty('missing');
	expect(softNormalisedComprehensiveness({ ...probabilities, draws: [] })).toHaveProperty('missing');
});

test('the area over pi is a mean height', () => {
	const at = (pi: number, value: number) => ({ pi, score: scored(value) });
	expect(areaOverPi([at(0.9, 1), at(0.1, 0), at(0.5, 1)])).toEqual({ value: expect.closeTo(0.75, 12) as number });
	expect(areaOverPi([at(0.5, 1)])).toHaveProperty('missing');
	expect(areaOverPi([at(0.1, 1), { pi: 0.9, score: missing('no scores') }])).toEqual({ missing: 'no scores' });
});

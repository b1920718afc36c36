import { expect, test } from 'vitest';
import { InternalError } from '../../core/errors.ts';
import { kendallTauB } from './kendall.ts';

test('equal and reversed orders', () => {
	expect(kendallTauB([1, 2, 3], [10, 20, 30])).toEqual({ value: 1 });
	expect(kendallTauB([1, 2, 3], [3, 2, 1])).toEqual({ value: -1 });
});

test('with ties, as scipy.stats.kendalltau', () => {
	const tau = kendallTauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]);
	expect(tau).toEqual({ value: expect.closeTo(-0.4714045207910316, 12) as number });
});

test('has no value without an order', () => {
	expect(kendallTauB([1, 1], [1, 2])).toHaveProperty('missing');
	expect(kendallTauB([1], [1])).toHaveProperty('missing');
	expect(() => kendallTauB([1], [1, 2])).toThrow(InternalError);
});

import fc from 'fast-check';
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

test('is the difference of concordant and discordant pairs, pair by pair', () => {
	const numbers = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
		maxLength: 40,
	});
	fc.assert(
		fc.property(numbers, (pairs) => {
			let [agreement, untiedInA, untiedInB] = [0, 0, 0];
			for (const [i, [a, b]] of pairs.entries()) {
				for (const [otherA, otherB] of pairs.slice(0, i)) {
					agreement += Math.sign(a - otherA) * Math.sign(b - otherB);
					untiedInA += a === otherA ? 0 : 1;
					untiedInB += b === otherB ? 0 : 1;
				}
			}
			const found = kendallTauB(
				pairs.map(([a]) => a),
				pairs.map(([, b]) => b),
			);
			if (untiedInA === 0 || untiedInB === 0) expect(found).toHaveProperty('missing');
			else expect(found).toEqual({ value: agreement / Math.sqrt(untiedInA * untiedInB) });
		}),
	);
});

test('numbers that are not finite have no order', () => {
	expect(kendallTauB([1, NaN], [1, 2])).toHaveProperty('missing');
});

import { expect, test } from 'vitest';
import { scoreLevels } from './marking.ts';

test('levels are quarters of the largest size, with the sign; words without a score are unshaded', () => {
	expect(scoreLevels([4, 3, 2.1, 1.5, 1, 0, null, -4])).toEqual([3, 2, 2, 1, 0, 0, 0, -3]);
});

test('scores that are all zero shade nothing', () => {
	expect(scoreLevels([0, null, 0])).toEqual([0, 0, 0]);
	expect(scoreLevels([])).toEqual([]);
});

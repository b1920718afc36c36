import { expect, test } from 'vitest';
import { againstEachAnnotator, aggregateAnnotators } from './annotators.ts';
import { overlapOf } from './overlap.ts';
import { tokenF1 } from './tokenF1.ts';

const three = [
	[4, 1],
	[1, 2],
	[1, 2, 7],
];

test('union and strict majority, in order', () => {
	expect(aggregateAnnotators(three, 'union')).toEqual([1, 2, 4, 7]);
	expect(aggregateAnnotators(three, 'majority')).toEqual([1, 2]);
	expect(aggregateAnnotators([[1, 2], [2]], 'majority')).toEqual([2]);
	expect(aggregateAnnotators([[3, 3], [4]], 'majority')).toEqual([]);
});

test('majority from three annotators on, else union', () => {
	expect(aggregateAnnotators(three)).toEqual([1, 2]);
	expect(aggregateAnnotators([[1, 2], [2]])).toEqual([1, 2]);
	expect(aggregateAnnotators([])).toEqual([]);
});

test('mean and best score against each annotator; one who marked nothing has no score', () => {
	const f1 = (gold: readonly number[]) => tokenF1(overlapOf(8, gold, [1, 2]));
	const { mean, largest } = againstEachAnnotator([...three, []], f1);
	expect(mean).toEqual({ value: expect.closeTo((1 / 2 + 1 + 4 / 5) / 3, 12) as number });
	expect(largest).toEqual({ value: 1 });
	expect(againstEachAnnotator([[]], f1)).toEqual({
		mean: { missing: 'no values' },
		largest: { missing: 'no annotator has a score' },
	});
});

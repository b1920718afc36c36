import { expect, test } from 'vitest';
import { scored } from '../core/score.ts';
import { estimate, estimatesOf, measure } from './estimate.ts';
import { meanMetric } from './metric.ts';
import { columnsAt, presentRows, summandsOf } from './summands.ts';

const metric = meanMetric<number>(
	{
		id: 'half',
		title: 'half',
		family: 'faithfulness',
		range: [0, 10],
		better: 'higher',
		needs: 'masking',
		judges: 'chosen',
		source: 'made up',
	},
	(item) => (item < 0 ? { missing: 'negative' } : scored(item / 2)),
	(item) => (item === 9 ? { missing: 'no chance' } : scored(item / 4)),
);

const items = [2, -1, 4, 9, 6];

test('what examples add stands in columns, with the reasons of those that add nothing', () => {
	const summands = summandsOf(metric, items);
	expect(summands.count).toBe(5);
	expect([...(summands.amounts[0] ?? [])]).toEqual([1, 0, 2, 4.5, 3]);
	expect(summands.missing).toEqual([null, 'negative', null, null, null]);
	expect([...summands.withoutChance]).toEqual([3]);
	expect([...presentRows(summands, null)]).toEqual([0, 2, 3, 4]);
	expect([...presentRows(summands, Uint32Array.of(1, 2))]).toEqual([2]);
	expect(columnsAt(summands.amounts, Uint32Array.of(4, 0)).map((column) => [...column])).toEqual([[3, 1]]);
});

test('the estimate of a subset is that of its items alone', () => {
	const summands = summandsOf(metric, items);
	const options = { seed: 1, resamples: 50 };
	for (const rows of [[0, 2, 4], [0, 1, 2], [3, 4], [1], []]) {
		const [found] = estimatesOf([measure(summands, Uint32Array.from(rows))], options);
		expect(found).toEqual(
			estimate(
				metric,
				rows.map((row) => items[row] ?? NaN),
				options,
			),
		);
	}
});

test('examples that add different numbers of amounts are not mixed', () => {
	const mixed = { ...metric, summand: (item: number) => ({ amounts: item > 3 ? [1] : [1, 2] }) };
	expect(() => summandsOf(mixed, items)).toThrow(/Internal: half/);
});

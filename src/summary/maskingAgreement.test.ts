import { expect, test } from 'vitest';
import { maskingAgreement } from './maskingAgreement.ts';
import type { SummaryRow } from '../records/summaryRows.ts';

const row = (method: string, masking: string, value: number | null, subset = 'all'): SummaryRow => ({
	...{ model: 'm', dataset: 'd', split: 'test', epoch: null, selection: 'top_var', metric: 'flip_rate' },
	...{ method, masking, value, subset, ci95: null, n: 9, missing: 0, chance: null, evaluable: null, note: null },
});

test('orders of three methods: two pairs agree, one does not', () => {
	const values = { a: [0.1, 0.1], b: [0.2, 0.4], c: [0.3, 0.2] };
	const rows = Object.entries(values).flatMap(([method, [space = null, without = null]]) => [
		row(method, 'space', space),
		row(method, 'delete', without),
		row(method, 'delete', 1, 'correct'),
	]);
	const missing = [row('d', 'space', 0.9), row('d', 'delete', null)];
	expect(maskingAgreement([...rows, ...missing], ['space', 'delete'])).toEqual([
		{
			...{ model: 'm', dataset: 'd', split: 'test', epoch: null, metric: 'flip_rate', selection: 'top_var' },
			...{ first: 'space', second: 'delete', tau: expect.closeTo(1 / 3, 12) as number, n: 3, note: null },
		},
	]);
});

test('one masking has nothing to agree with, one method no order', () => {
	expect(maskingAgreement([row('a', 'space', 1)], ['space'])).toEqual([]);
	const [alone] = maskingAgreement([row('a', 'space', 1), row('a', 'delete', 1)], ['space', 'delete']);
	expect(alone).toMatchObject({ tau: null, n: 1 });
	expect(alone?.note).not.toBeNull();
});

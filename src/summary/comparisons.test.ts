import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../test/support/smallStudy.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import type { StudyResult } from '../runStudy.ts';
import type { SummaryComparison } from '../records/summaryRows.ts';

let study: SmallStudy | null = null;
const small = async (...options: Parameters<typeof createSmallStudy>): Promise<SmallStudy> =>
	(study = await createSmallStudy(...options));
afterEach(async () => {
	await study?.remove();
	study = null;
});

const pairsOf = ({ input }: StudyResult, wanted: Partial<SummaryComparison>): SummaryComparison[] =>
	(input.summary.comparisons ?? []).filter((pair) =>
		Object.entries(wanted).every(([key, value]) => pair[key as keyof SummaryComparison] === value),
	);

describe('comparisons of a study', () => {
	it('are the differences of the rows, for every two methods of a family', async () => {
		const result = await (await small()).run();
		const wanted = { metric: 'flip_rate', selection: 'top_var', masking: 'space' };
		const pairs = pairsOf(result, wanted);
		expect(pairs).toHaveLength((5 * 4) / 2);
		for (const { first, second, difference, n } of pairs) {
			const [a, b] = [first, second].map((method) => rowOf(result, { ...wanted, method, subset: 'all' }).value ?? NaN);
			expect(difference).toBeCloseTo((a ?? NaN) - (b ?? NaN), 12);
			expect(n).toBe(4);
		}
	});

	it('are corrected within the family', async () => {
		const result = await (await small()).run();
		const pairs = pairsOf(result, { metric: 'token_f1.macro', selection: 'top_var' });
		expect(pairs.map(({ pHolm }) => pHolm)).toEqual(holm(pairs.map(({ p }) => p ?? NaN)));
	});

	it('leave the human rationale out of agreement with itself, and methods without scores out of rankings', async () => {
		const result = await (await small()).run();
		const names = (wanted: Partial<SummaryComparison>): string[] => [
			...new Set(pairsOf(result, wanted).flatMap(({ first, second }) => [first, second])),
		];
		expect(names({ metric: 'token_f1.macro' })).not.toContain('human');
		expect(names({ metric: 'flip_rate', selection: 'top_var' })).toContain('human');
		expect(names({ metric: 'average_precision', selection: null })).toEqual([
			'attention',
			'input_x_gradient.dot',
			'random',
		]);
	});

	it('give no number for a collapsed model, and say why', async () => {
		const result = await (await small({ bias: { positive: 100 } })).run();
		const flips = pairsOf(result, { metric: 'flip_rate' });
		expect(flips.length).toBeGreaterThan(0);
		for (const pair of flips) {
			expect(pair).toMatchObject({ difference: null, ci95: null, p: null, pHolm: null, n: 0, missing: 4 });
			expect(pair.note).toMatch(/^not evaluable/);
		}
	});

	it('stand in the summary and on the page', async () => {
		const run = await small();
		const result = await run.run();
		const summary = JSON.parse(await run.read('summary.json')) as { comparisons: unknown };
		expect(summary.comparisons).toEqual(result.input.summary.comparisons);
		const report = await run.read('report.html');
		expect(report).toContain('Do the methods differ?');
		// Four texts allow no p below 1/8, and ten pairs are tested.
		expect(report).toContain('No difference can be significant here');
	});
});

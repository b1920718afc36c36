import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, type SmallStudy } from '../../test/support/smallStudy.ts';
import { renderSummary } from '../terminal/summaryTable.ts';
import { createColors } from 'picocolors';
import type { MetricJudgement } from '../records/summaryRows.ts';

let study: SmallStudy | null = null;
afterEach(async () => {
	await study?.remove();
	study = null;
});

const corruptedReferences = ['corrupted.0', 'corrupted.50', 'corrupted.100'];
const run = async (changes: object, model: object = {}) => {
	study = await createSmallStudy(model);
	await study.write({
		methods: ['attention', 'random', ...corruptedReferences],
		faithfulness: ['flip_rate', 'tau_loo'],
		...changes,
	});
	return await study.run();
};
const rowOf = (rows: readonly MetricJudgement[] | undefined, wanted: Partial<MetricJudgement>): MetricJudgement => {
	const found = rows?.find((row) =>
		Object.entries(wanted).every(([key, value]) => row[key as keyof MetricJudgement] === value),
	);
	if (found === undefined) throw new Error(`no row: ${JSON.stringify(wanted)}`);
	return found;
};

describe('meta-evaluation', () => {
	it('finds that the flip rate puts rationales in the true order where the annotated words decide', async () => {
		const { input } = await run({});
		const row = rowOf(input.summary.metaEvaluation, { metric: 'flip_rate', selection: 'top_var', masking: 'space' });
		expect(row.truth).toBe('token_f1.macro');
		expect(row.corrupted).toMatchObject({ methods: 3, n: 4, missing: 0 });
		expect(row.corrupted.value).toBeGreaterThan(0.5);
		expect(row.toldApart.value).toBeGreaterThan(0.5);
		expect(row.methods.methods).toBe(2);
	});

	it('judges metrics of scores by the average precision', async () => {
		const { input } = await run({});
		const row = rowOf(input.summary.metaEvaluation, { metric: 'tau_loo', masking: 'delete' });
		expect(row).toMatchObject({ selection: null, truth: 'average_precision' });
	});

	it('is shown in the terminal, within 80 columns, and in the report', async () => {
		const { input } = await run({});
		const text = renderSummary(input, { columns: 80, colours: createColors(false) });
		expect(text).toContain('Can the metrics be trusted?');
		expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
		expect(await study?.read('report.html')).toContain('id="meta-evaluation"');
		expect(await study?.read('summary.json')).toContain('"metaEvaluation":[');
	});

	it('gives no number where flips mean nothing', async () => {
		const { input } = await run({}, { bias: { positive: 100 } });
		const row = rowOf(input.summary.metaEvaluation, { metric: 'flip_rate', masking: 'space' });
		expect([row.methods, row.toldApart]).toEqual([
			expect.objectContaining({ value: null, note: expect.stringMatching(/^not evaluable/u) as string }),
			expect.objectContaining({ value: null }),
		]);
	});

	it('is left out of other studies', async () => {
		const { input } = await run({ methods: ['attention', 'corrupted.0'] });
		expect(input.summary).not.toHaveProperty('metaEvaluation');
	});

	it('leaves corrupted rationales out of the comparisons', async () => {
		const { input } = await run({});
		const compared = input.summary.comparisons?.flatMap(({ first, second }) => [first, second]);
		expect([...new Set(compared)]).toEqual(['attention', 'random']);
	});
});

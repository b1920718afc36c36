import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../../test/support/smallStudy.ts';

let study: SmallStudy | null = null;
afterEach(async () => {
	await study?.remove();
	study = null;
});

const soft = ['soft_nc', 'soft_ns', 'pi_soft_nc', 'pi_soft_ns'];
const run = async (changes: object = {}, model: object = {}) => {
	study = await createSmallStudy(model);
	await study.write({
		faithfulness: ['flip_rate', ...soft],
		methods: ['input_x_gradient.dot', 'random', 'human'],
		...changes,
	});
	return await study.run();
};

describe('soft masking in a study', () => {
	it('finds the deciding words of every text, as worked out by hand', async () => {
		const result = await run();
		const at = { method: 'input_x_gradient.dot', masking: 'embeddings', subset: 'all', selection: null };
		// The fake model loses what is dropped in proportion. "a good film": "good" alone has a score; dropped, m is 1/2,
		// as without any word; kept alone, m is what it was.
		expect(rowOf(result, { ...at, metric: 'soft_ns' })).toMatchObject({ n: 4, missing: 0 });
		const records = result.input.records.flatMap((record) =>
			record.kind === 'rationale' && record.method === at.method && record.example === 'one' ? [record.soft] : [],
		);
		const [own] = records;
		if (own === undefined || 'missing' in own) throw new Error('no record');
		expect(own.empty).toBeCloseTo(0.5, 12);
		const draws = (side: string) => own.variants.find((variant) => variant.side === side && variant.pi === null)?.draws;
		expect(draws('comprehensiveness')).toHaveLength(10);
		expect(draws('comprehensiveness')?.[0]).toBeCloseTo(0.5, 12);
		expect(draws('sufficiency')?.[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
	});

	it('prefers methods that know to chance, at equal lengths too', async () => {
		const result = await run();
		for (const metric of soft) {
			const valueOf = (method: string): number =>
				rowOf(result, { method, metric, masking: 'embeddings', subset: 'all' }).value ?? NaN;
			expect(valueOf('input_x_gradient.dot'), metric).toBeGreaterThan(valueOf('random'));
		}
	});

	it('has no rows under the maskings of the study, and stands on the page', async () => {
		const { input } = await run();
		const rows = input.summary.rows.filter(({ metric }) => soft.includes(metric));
		expect(new Set(rows.map(({ masking }) => masking))).toEqual(new Set(['embeddings']));
		expect(
			input.summary.rows.filter(({ masking, metric }) => masking === 'embeddings' && metric === 'flip_rate'),
		).toEqual([]);
		expect(await study?.read('report.html')).toContain('embeddings are dropped');
	});

	it('says why there is nothing', async () => {
		const result = await run({ methods: ['human', 'random'] }, { weights: {} });
		expect(rowOf(result, { metric: 'soft_nc', method: 'random', subset: 'all' })).toMatchObject({ value: null });
	});
});

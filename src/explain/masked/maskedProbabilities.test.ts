import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../../test/support/smallStudy.ts';
import { measureIds } from '../../evaluation/faithfulness/measures.ts';
import type { RationaleRecord } from '../../records/records.ts';
import type { StudyResult } from '../../runStudy.ts';

let study: SmallStudy | null = null;
const small = async (changes: Readonly<Record<string, unknown>>): Promise<SmallStudy> => {
	study = await createSmallStudy();
	await study.write(changes);
	return study;
};
afterEach(async () => {
	await study?.remove();
	study = null;
});

const rationaleOf = ({ input }: StudyResult, method: string, example: string): RationaleRecord | undefined =>
	input.records
		.filter((record) => record.kind === 'rationale')
		.find((record) => record.method === method && record.example === example);

/** The fake model is sure by a logit of 2 of one "good" against none. */
const sure = 1 / (1 + Math.exp(-2));

describe('measures on probabilities', () => {
	it('leave the records as they are where none is asked for', async () => {
		const result = await (await small({})).run();
		const record = rationaleOf(result, 'attention', 'one');
		expect(record).not.toHaveProperty('answers');
		expect(record?.selections[0]).not.toHaveProperty('answers');
	});

	it('keep the probabilities of what is masked, kept and random', async () => {
		const result = await (await small({ faithfulness: ['comprehensiveness', 'sufficiency'] })).run();
		const record = rationaleOf(result, 'input_x_gradient.dot', 'one');
		const [chosen] = record?.selections ?? [];
		// "a good film": without "good" nothing speaks for either label, with it alone all that did still does.
		expect(chosen?.words).toEqual([1]);
		const undecided = { label: 'positive', probabilities: { positive: 0.5, negative: 0.5 } };
		expect(chosen?.answers?.['space']?.['masked']).toMatchObject(undecided);
		const kept = { positive: expect.closeTo(sure, 12) };
		expect(chosen?.answers?.['delete']?.['kept']).toMatchObject({ label: 'positive', probabilities: kept });
		const two = [expect.any(Number), expect.any(Number)];
		expect(chosen?.answers?.['space']?.['control']).toMatchObject({ probabilities: two });
		expect(record?.answers?.['space']?.['all']).toMatchObject(undecided);
		const bins = [0.01, 0.05, 0.1, 0.2, 0.5];
		const names = ['all', ...bins.map((bin) => `masked ${bin}`), ...bins.map((bin) => `kept ${bin}`)];
		expect(Object.keys(record?.answers?.['space'] ?? {})).toEqual(names);
	});

	it('give the numbers worked out by hand', async () => {
		const result = await (await small({ faithfulness: measureIds })).run();
		const at = { method: 'input_x_gradient.dot', masking: 'space', subset: 'all' };
		const value = (metric: string, selection: string | null): number =>
			rowOf(result, { ...at, selection, metric }).value ?? NaN;
		const surer = 1 / (1 + Math.exp(-4));
		// Masking the one word that counts takes sure - 1/2; in "three", where "bad" stands twice, two words take twice that.
		expect(value('comprehensiveness', 'top_var')).toBeCloseTo((5 / 4) * (sure - 0.5), 9);
		// The fake model's labels have 0.9 of the vocabulary, whatever is masked.
		expect(value('comprehensiveness.vocabulary', 'top_var')).toBeCloseTo(
			0.9 * value('comprehensiveness', 'top_var'),
			9,
		);
		expect(value('sufficiency', 'top_var')).toBeCloseTo((sure - surer) / 4, 9);
		expect(value('comprehensiveness.normalised', 'top_var')).toBeCloseTo(1, 9);
		expect(value('sufficiency.normalised', 'top_var')).toBeCloseTo(1, 9);
		// "three" has 8 words: one word in three bins, two or more in two.
		expect(value('comprehensiveness.aopc', null)).toBeCloseTo(((3 + 7 / 5) / 4) * (sure - 0.5), 9);
		expect(value('sufficiency.aopc', null)).toBeCloseTo((2 / 5 / 4) * (sure - surer), 9);
		expect(value('log_odds', null)).toBeCloseTo((3 * Math.log(0.5 / sure) - 2) / 4, 9);
		// Equal labels count as the first one: two of the four predictions never change.
		expect(value('smallest_flipping_share', null)).toBeCloseTo((1 + 0.05 + 0.05 + 1) / 4, 12);
		expect(value('tau_loo', null)).toBeCloseTo(1, 12);
		expect(value('deletion_auc', null)).toBeLessThan(value('insertion_auc', null));
		expect(rowOf(result, { ...at, selection: 'top_var', metric: 'comprehensiveness' }).chance).not.toBeNull();
	});

	it('are missing, not zero, for methods without scores', async () => {
		const result = await (await small({ faithfulness: ['deletion_auc', 'comprehensiveness', 'tau_loo'] })).run();
		const rows = result.input.summary.rows.filter(({ method }) => method === 'prompt.unbound');
		expect(rows.filter(({ metric }) => ['deletion_auc', 'comprehensiveness.aopc', 'tau_loo'].includes(metric))).toEqual(
			[],
		);
		expect(rows.filter(({ metric, value }) => metric === 'comprehensiveness' && value !== null)).not.toEqual([]);
		const constant = rowOf(result, { metric: 'tau_loo', method: 'attention', masking: 'space', subset: 'incorrect' });
		expect(constant).toMatchObject({ value: null, n: 0 });
	});

	it('are compared between methods, shown, and leave flip rates out where not listed', async () => {
		const run = await small({ faithfulness: ['comprehensiveness', 'deletion_auc'] });
		const result = await run.run();
		const compared = new Set(result.input.summary.comparisons?.map(({ metric }) => metric));
		expect([...compared].toSorted()).toEqual(
			[
				...[
					'average_precision',
					'comprehensiveness',
					'comprehensiveness.aopc',
					'comprehensiveness.normalised',
					'comprehensiveness.vocabulary',
				],
				...['deletion_auc', 'token_f1.macro'],
			].toSorted(),
		);
		expect(result.input.summary.rows.filter(({ metric }) => metric.startsWith('flip_rate'))).toEqual([]);
		expect(await run.read('report.html')).toContain('Other faithfulness measures');
	});

	it('add only their own cells to a finished study', async () => {
		const run = await small({});
		await run.run();
		await run.write({ faithfulness: ['log_odds'] });
		expect((await run.run()).added).toBe(4 * 5);
		await run.write({ faithfulness: ['log_odds', 'flip_rate'] });
		expect((await run.run()).added).toBe(0);
	});
});

describe('selection "matched"', () => {
	it('cuts attribution to the length of the prompted rationale', async () => {
		const run = await small({ selections: ['top_var', 'own', 'matched'] });
		const result = await run.run();
		const wordsOf = (method: string, selection: string): readonly number[] | undefined =>
			rationaleOf(result, method, 'three')?.selections.find((chosen) => chosen.selection === selection)?.words;
		// The model names "bad", "good", "bad"; two words are annotated.
		expect(wordsOf('prompt.unbound', 'own')).toHaveLength(3);
		expect(wordsOf('prompt.unbound', 'matched')).toEqual(wordsOf('prompt.unbound', 'own'));
		expect(wordsOf('input_x_gradient.dot', 'matched')).toHaveLength(3);
		expect(wordsOf('human', 'matched')).toHaveLength(2);
		expect(rowOf(result, { metric: 'token_f1.macro', method: 'attention', selection: 'matched' }).n).toBe(4);
	});

	it('needs a prompted rationale', async () => {
		const run = await small({ selections: ['matched'], methods: ['attention', 'prompt.top_k'] });
		await expect(run.run()).rejects.toThrow(/add "prompt.unbound"/);
	});

	it('leaves out examples whose prompted rationale is empty', async () => {
		study = await createSmallStudy({ answer: () => 'none' });
		await study.write({ selections: ['matched', 'top_var'] });
		const result = await study.run();
		expect(rationaleOf(result, 'attention', 'one')?.selections.map(({ selection }) => selection)).toEqual(['top_var']);
		const row = rowOf(result, { metric: 'token_f1.macro', method: 'attention', selection: 'matched' });
		expect(row).toMatchObject({ value: null, n: 0, missing: 4 });
	});
});

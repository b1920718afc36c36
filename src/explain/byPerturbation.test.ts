import { afterEach, describe, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../test/support/smallStudy.ts';
import type { RationaleRecord, StudyRecord } from '../records/records.ts';

let study: SmallStudy | undefined;
afterEach(async () => {
	await study?.remove();
	study = undefined;
});

const methods = ['occlusion', 'lime', 'kernel_shap', 'permutation_shap', 'reagent'];

async function rationales(small: SmallStudy): Promise<RationaleRecord[]> {
	const lines = (await small.read('records.jsonl')).trim().split('\n');
	const records = lines.map((line) => JSON.parse(line) as StudyRecord);
	return records.filter((record) => record.kind === 'rationale');
}

/** "one": `a good film`; "good" adds 2 to the log-odds of positive, the other words nothing. */
async function scoresFor(changes: object, example = 'one'): Promise<Record<string, RationaleRecord>> {
	await study?.remove();
	study = await createSmallStudy();
	await study.write({ methods, ...changes });
	await study.run();
	const records = (await rationales(study)).filter((record) => record.example === example);
	return Object.fromEntries(records.map((record) => [record.method, record]));
}

describe('perturbation methods in a study', () => {
	it('recover a linear model from its predictions', async () => {
		const found = await scoresFor({ perturbation: { target: 'logodds_labels' } });
		for (const method of ['occlusion', 'kernel_shap', 'permutation_shap']) {
			const scores = found[method]?.scores ?? [];
			expect(scores[0]).toBeCloseTo(0, 9);
			expect(scores[1]).toBeCloseTo(2, 9);
			expect(scores[2]).toBeCloseTo(0, 9);
		}
		expect(found['kernel_shap']?.diagnostics).toEqual({ evaluations: 8, exact: 1 });
		for (const method of ['lime', 'reagent']) {
			const scores = (found[method]?.scores ?? []).map(Number);
			expect(scores.indexOf(Math.max(...scores))).toBe(1);
		}
	});

	it('explain the probability of the predicted label where nothing else is asked for', async () => {
		const found = await scoresFor({});
		expect(found['occlusion']?.scores?.[1]).toBeCloseTo(1 / (1 + Math.exp(-2)) - 0.5, 9);
	});

	it.each(['space', 'delete'])('mask by %s', async (masking) => {
		const found = await scoresFor({ perturbation: { masking, target: 'diff' } });
		expect(found['occlusion']?.scores?.[1]).toBeCloseTo(2, 9);
	});

	it('take larger units away together and share their score', async () => {
		const found = await scoresFor({ perturbation: { unit: 3, target: 'logodds_labels' } }, 'three');
		const wanted = [2 / 3, 2 / 3, 2 / 3, -2 / 3, -2 / 3, -2 / 3, 1, 1];
		const scores = found['kernel_shap']?.scores ?? [];
		for (const [word, value] of wanted.entries()) expect(scores[word]).toBeCloseTo(value, 9);
		expect(found['occlusion']?.diagnostics).toEqual({ evaluations: 4 });
	});

	it('work with answers that begin with the same token, as gradients do', async () => {
		study = await createSmallStudy({ weights: { good: { 'very positive': 2 }, bad: { 'very negative': 2 } } });
		const { datasets } = JSON.parse(await study.read('../small.yaml')) as { datasets: { task: object }[] };
		const verbalizers = { positive: 'very positive', negative: 'very negative' };
		const [dataset] = datasets;
		await study.write({
			methods: ['occlusion', 'saliency.l2'],
			datasets: [{ ...dataset, task: { ...dataset?.task, verbalizers } }],
			perturbation: { target: 'logodds_labels' },
		});
		await study.run();
		const [occlusion, saliency] = (await rationales(study)).filter(({ example }) => example === 'one');
		expect(occlusion?.scores?.[1]).toBeCloseTo(2, 9);
		expect(saliency?.scores).toEqual([0, 2, 0]);
	});

	it('are missing, with the reason, where evaluations do not suffice or the model scores no labels', async () => {
		const found = await scoresFor({ perturbation: { evaluations: 3 } });
		expect(found['occlusion']?.missing).toBe('3 units need 4 evaluations, the study allows 3');
		await study?.remove();
		study = await createSmallStudy({ capabilities: ['generation'] });
		await study.write({ methods });
		const row = rowOf(await study.run(), { method: 'lime', selection: 'top_var', metric: 'token_f1.macro' });
		expect(row).toMatchObject({ value: null, n: 0, missing: 4 });
		const missing = (await rationales(study)).map((record) => record.missing);
		expect(missing).toEqual(Array.from({ length: 20 }, () => 'the model "fake" offers no labelScores'));
	});

	it('score a subset of units once for all methods', async () => {
		const unmasked = { selections: ['own'], control: { draws: 0 }, curve: [] };
		const prompts = async (...ids: readonly string[]): Promise<number | undefined> => {
			await study?.remove();
			study = await createSmallStudy();
			await study.write({ ...unmasked, methods: ids });
			await study.run();
			return study.opened[0]?.calls.scoredPrompts;
		};
		// The whole text is a subset too (4). Without "good" and "bad", texts one and two say the same (4 subsets); text four
		// says the same as text one with "good" alone, or with nothing (2).
		expect(await prompts('kernel_shap')).toBe(4 + 2 ** 3 + 2 ** 3 + 2 ** 8 + 2 ** 3 - (4 + 4 + 2));
		expect(await prompts('kernel_shap', 'occlusion', 'lime', 'permutation_shap')).toBe(await prompts('kernel_shap'));
	});

	it('are computed again when their settings change, and only they', async () => {
		study = await createSmallStudy();
		await study.write({ methods: ['attention', 'kernel_shap', 'occlusion'] });
		expect((await study.run()).added).toBe(16);
		await study.write({ methods: ['attention', 'kernel_shap', 'occlusion'], perturbation: { unit: 2 } });
		expect((await study.run()).added).toBe(8);
	});
});

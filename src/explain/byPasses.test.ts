import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, type SmallStudy } from '../../test/support/smallStudy.ts';
import type { RationaleRecord, StudyRecord } from '../records/records.ts';

let study: SmallStudy | undefined;
afterEach(async () => {
	await study?.remove();
	study = undefined;
});

async function recordsOf(small: SmallStudy): Promise<RationaleRecord[]> {
	const lines = (await small.read('records.jsonl')).trim().split('\n');
	const records = lines.map((line) => JSON.parse(line) as StudyRecord);
	return records.filter((record) => record.kind === 'rationale' && record.example === 'one') as RationaleRecord[];
}

const methods = ['integrated_gradients', 'smooth_grad', 'gradient_shap', 'value_zeroing', 'alti_logit'];

it('scores of several passes and their diagnostics are written to the records', async () => {
	study = await createSmallStudy();
	await study.write({ methods });
	await study.run();
	const records = await recordsOf(study);
	expect(records.map(({ method }) => method)).toEqual(methods);
	for (const { method, scores, diagnostics } of records) {
		// The fake attends to every word once, and to a word of influence so much more.
		expect(scores, method).toEqual(method === 'value_zeroing' ? [1, 3, 1] : [0, 2, 0]);
		expect(diagnostics).toEqual({ passes: 1 });
	}
});

it('a model without gradients gives none, with the reason', async () => {
	study = await createSmallStudy({ capabilities: ['labelScores', 'attention'] });
	await study.write({ methods: ['integrated_gradients', 'value_zeroing', 'gim'] });
	await study.run();
	const missing = (await recordsOf(study)).map((record) => record.missing ?? null);
	expect(missing).toEqual(['the model "fake" offers no gradients', null, 'the model "fake" offers no gradients']);
});

it('only attention is computed again when other heads are chosen', async () => {
	study = await createSmallStudy();
	const chosen = { methods: ['attention', 'attention_rollout', 'gim'] };
	await study.write(chosen);
	await study.run();
	await study.write({ ...chosen, attention: { layers: 'last', heads: 'all' } });
	expect((await study.run()).added).toBe(0);
	await study.write({ ...chosen, attention: { layers: 'all', heads: [0] } });
	expect((await study.run()).added).toBe(4);
});

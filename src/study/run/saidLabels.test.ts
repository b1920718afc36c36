/** Studies of models that say labels without probabilities, or say something else. */
import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../../test/support/smallStudy.ts';
import type { PredictionRecord, StudyRecord } from '../../records/records.ts';

let study: SmallStudy | null = null;
afterEach(async () => {
	await study?.remove();
	study = null;
});

async function recordsOf(from: SmallStudy): Promise<StudyRecord[]> {
	const lines = (await from.read('records.jsonl')).trim().split('\n');
	return lines.map((line) => JSON.parse(line) as StudyRecord);
}

it('flips without probabilities: methods that need them say so, nothing is invented', async () => {
	study = await createSmallStudy({ onlyLabels: true, capabilities: ['generation'] });
	await study.write({
		methods: ['attention', 'occlusion', 'prompt.unbound', 'random', 'human'],
		faithfulness: ['flip_rate', 'comprehensiveness', 'tau_loo'],
	});
	const result = await study.run();
	const records = await recordsOf(study);
	const [prediction] = records.filter((record): record is PredictionRecord => record.kind === 'prediction');
	expect(prediction).toMatchObject({ prediction: 'positive', probabilities: {}, mass: null });
	const reasons = records.flatMap((record) => (record.kind === 'rationale' ? (record.missing ?? []) : []));
	expect([...new Set(reasons)]).toEqual([
		'the model "fake" offers no attention',
		'the model "fake" offers no labelScores',
	]);
	const flips = { metric: 'flip_rate', method: 'prompt.unbound', selection: 'own', subset: 'all', masking: 'delete' };
	expect(rowOf(result, flips)).toMatchObject({ n: 4, missing: 0 });
	expect(rowOf(result, flips).value).toBeGreaterThan(0);
	const measured = result.input.summary.rows.filter(({ metric }) => metric.startsWith('comprehensiveness'));
	expect(measured.filter(({ value }) => value !== null)).toEqual([]);
});

it('counts what came instead of a label, by kind, and goes on with the other texts', async () => {
	const problem = { kind: 'prose', detail: 'the answer is prose: "Well, that depends."' } as const;
	study = await createSmallStudy({ problems: { truly: problem } });
	const result = await study.run();
	const skipped = (await recordsOf(study)).filter(({ kind }) => kind === 'skipped');
	expect(skipped).toMatchObject([{ example: 'four', problem: 'prose', reason: problem.detail }]);
	expect(rowOf(result, { metric: 'accuracy', subset: 'all' })).toMatchObject({ n: 3, missing: 1 });
	expect(await study.read('report.html')).toContain('text that gives no label');
});

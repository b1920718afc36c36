import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../../test/support/smallStudy.ts';
import type { PredictionRecord, RationaleRecord, StudyRecord } from '../../records/records.ts';

let study: SmallStudy | undefined;
afterEach(async () => {
	await study?.remove();
	study = undefined;
});

/** By reduced precision every masked text is negative; by full precision equal scores go to the first label, positive. */
const alwaysNegative = { reducedWeights: { is: { negative: 9 } } };

async function recordsOf(small: SmallStudy): Promise<StudyRecord[]> {
	await small.run();
	const lines = (await small.read('records.jsonl')).trim().split('\n');
	return lines.map((line) => JSON.parse(line) as StudyRecord);
}

it('full texts are scored with full precision, masked ones with reduced', async () => {
	study = await createSmallStudy(alwaysNegative);
	const records = await recordsOf(study);
	const predictions = records.filter((record): record is PredictionRecord => record.kind === 'prediction');
	expect(predictions.map(({ prediction }) => prediction)).toEqual(['positive', 'negative', 'negative', 'positive']);
	const rationales = records.filter((record): record is RationaleRecord => record.kind === 'rationale');
	const masked = rationales.flatMap(({ selections }) => selections.flatMap((choice) => Object.values(choice.masked)));
	expect(masked.length).toBeGreaterThan(0);
	expect(new Set(masked)).toEqual(new Set(['negative']));
});

it('a sample of masked texts says how many get another label', async () => {
	study = await createSmallStudy(alwaysNegative);
	const result = await study.run();
	const predictions = result.input.records.filter((record): record is PredictionRecord => record.kind === 'prediction');
	const changed = predictions.map(({ precisionCheck }) => precisionCheck?.changed ?? Number.NaN);
	expect(predictions.map(({ precisionCheck }) => precisionCheck?.compared)).toEqual([4, 4, 4, 4]);
	// "truly good fun" stays positive or undecided whatever is masked, so that reduced precision is always wrong about it.
	expect(changed[3]).toBe(4);
	const row = rowOf(result, { metric: 'changed_decisions' });
	expect(row).toMatchObject({ n: 4, missing: 0, chance: null });
	expect(row.value).toBeCloseTo(changed.reduce((sum, count) => sum + count / 4, 0) / 4, 12);
	expect(await study.read('report.html')).toContain('this share got another label');
});

it('the sample does not depend on the methods', async () => {
	study = await createSmallStudy(alwaysNegative);
	const before = (await recordsOf(study)).filter(({ kind }) => kind === 'prediction');
	await study.write({ methods: ['occlusion', 'random'] });
	const after = (await recordsOf(study)).filter(({ kind }) => kind === 'prediction');
	expect(after).toEqual(before);
});

it('a model with one precision is not asked twice', async () => {
	study = await createSmallStudy();
	const records = await recordsOf(study);
	expect(records.filter((record) => 'precisionCheck' in record)).toEqual([]);
});

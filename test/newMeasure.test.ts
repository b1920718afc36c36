/**
 * A measure is its file and its line: one that asks about a masked text nobody else knows is put in the place of another's
 * file, and must be found in everything a study writes.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answerTo } from '../src/evaluation/faithfulness/maskedProbabilities.ts';
import { exportTables } from '../src/interchange/exportTables.ts';
import { readStudyRecords } from '../src/interchange/readStudyFolder.ts';
import { renderSummary } from '../src/terminal/summaryTable.ts';
import { createColors } from 'picocolors';
import { createSmallStudy, rowOf, type SmallStudy } from './support/smallStudy.ts';
import { worseHalf } from './support/worseHalf.ts';

vi.mock('../src/evaluation/faithfulness/logOdds.ts', async () => ({
	logOddsMeasure: (await import('./support/worseHalf.ts')).worseHalfMeasure,
}));

let study: SmallStudy;
let folder = '';
beforeEach(async () => {
	study = await createSmallStudy();
	folder = await mkdtemp(join(tmpdir(), 'measure-'));
});
afterEach(async () => {
	await study.remove();
	await rm(folder, { recursive: true });
});

it('a new measure is found in records, summary, report, terminal and exports', async () => {
	await study.write({
		faithfulness: ['log_odds'],
		methods: ['input_x_gradient.dot', 'corrupted.0', 'corrupted.100', 'random'],
	});
	const result = await study.run();
	const records = await readStudyRecords(study.out);
	const answered = records.flatMap((record) =>
		record.kind === 'rationale'
			? Object.values(record.answers ?? {}).map((answers) => answerTo({ answers }, worseHalf))
			: [],
	);
	expect(answered).toHaveLength(4 * 4 * 2);
	expect(answered).not.toContain(null);
	// "a good film": the word that decides is in the better half, so that nothing is lost.
	const at = { metric: 'worse_half', subset: 'all', masking: 'space', method: 'input_x_gradient.dot' };
	expect(rowOf(result, at)).toMatchObject({ n: 4, missing: 0, selection: null });
	expect(result.input.summary.comparisons?.some(({ metric }) => metric === 'worse_half')).toBe(true);
	expect(await study.read('report.html')).toContain('What the worse half of the words carries');
	expect(renderSummary(result.input, { columns: 100, colours: createColors(false) })).toContain('worse_half');
	expect(JSON.parse(await study.read('summary.json'))).toHaveProperty(
		'rows',
		expect.arrayContaining([expect.objectContaining(at)]),
	);
	await exportTables(records, folder, { format: 'csv' });
	expect(await readFile(join(folder, 'rationales.csv'), 'utf8')).toContain('worse half');
});

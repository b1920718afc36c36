/** The records of a study's output folder, read without keeping a run out of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { inTodaysForm } from '../records/earlierRecords.ts';
import { readRecordLines } from '../records/recordLines.ts';
import type { StudyRecord } from '../records/records.ts';

/** Returns the records on disk, those of earlier versions in the form of today. Throws a `UserError` where there are none, or a line is no record. */
export async function readStudyRecords(folder: string): Promise<StudyRecord[]> {
	const path = join(folder, 'records.jsonl');
	if (!existsSync(path)) {
		throw new UserError(`${folder}: holds no records.jsonl. Name the --out folder of "rationale run".`);
	}
	const { records } = await readRecordLines(path);
	if (records.size === 0) throw new UserError(`${path}: holds no record yet. Let the study compute a chunk first.`);
	return [...records.values()].map(inTodaysForm);
}

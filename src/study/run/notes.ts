/** What a reader should know about a run, in words. */
import type { StudyConfig } from '../config/studyFile.ts';
import type { PlannedSetting } from '../plan/planStudy.ts';
import type { RecordStore } from '../../records/store.ts';
import { cellsOf } from '../../explain/chunk.ts';
import type { StudyDataset } from '../data/studyDataset.ts';

/** Without annotation nothing of the data says how many words to choose. */
export function selectionNotes({ selections, topShare }: StudyConfig, datasets: readonly StudyDataset[]): string[] {
	if (selections !== null) return [];
	return datasets
		.filter(({ meanShare }) => meanShare === null)
		.map(
			({ id }) =>
				`${id}: nobody marked words, so methods choose a share of ${topShare} of each text's words (top_share), and agreement with people is not measured.`,
		);
}

export function recordNotes({ records }: RecordStore, plan: readonly PlannedSetting[], added: number): string[] {
	const planned = plan.reduce((sum, { chunks }) => sum + chunks.flatMap(cellsOf).length, 0);
	const others = records.size - planned;
	return [
		...(added === 0 ? [`All ${planned} records were there already: nothing was computed.`] : []),
		...(others === 0
			? []
			: [`${others} records of an earlier version of this study are kept and left out of the figures.`]),
	];
}

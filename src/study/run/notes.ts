/** What a reader should know about a run, in words. */
import type { StudyConfig } from '../config/studyFile.ts';
import type { PlannedSetting } from '../plan/planStudy.ts';
import type { RecordStore } from '../../records/store.ts';
import { cellsOf } from '../../explain/chunk.ts';
import type { StudyDataset } from '../data/studyDataset.ts';

/** Without annotation nothing says how many words to choose, unless the study does. */
export function selectionNotes({ selections }: StudyConfig, datasets: readonly StudyDataset[]): string[] {
	if (selections.includes('top_k')) return [];
	return datasets
		.filter(({ meanShare }) => meanShare === null)
		.map(
			({ id }) =>
				`${id}: no text is annotated, so top_var and top_ratio choose no words; add selection top_k and topK.`,
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

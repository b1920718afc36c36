/** How far a model's answers depend on how the task is put. */
import { wilsonInterval } from '../evaluation/statistics/proportion.ts';
import type { PlannedSetting } from '../study/plan/planStudy.ts';
import type { StudyRecord } from '../records/records.ts';
import type { SensitivityRow } from '../records/summaryRows.ts';

/** Returns a row per model, dataset and variant, beside what the model says to the task as it is. */
export function sensitivityRows(
	plan: readonly PlannedSetting[],
	records: ReadonlyMap<string, StudyRecord>,
): SensitivityRow[] {
	return plan.flatMap((setting) => {
		if (setting.variant === undefined) return [];
		const base = plan.find((own) => isSamePlace(own, setting) && own.variant === undefined);
		return base === undefined ? [] : [rowOf(setting, base, setting.variant, records)];
	});
}

export function isSamePlace(a: PlannedSetting, b: PlannedSetting): boolean {
	return a.model.id === b.model.id && a.epoch === b.epoch && a.dataset.id === b.dataset.id;
}

export function rowOf(
	{ model, epoch, dataset, chunks }: PlannedSetting,
	base: PlannedSetting,
	variant: string,
	records: ReadonlyMap<string, StudyRecord>,
): SensitivityRow {
	const usual = new Map(
		base.chunks
			.flatMap(({ examples }) => examples)
			.flatMap(({ example, cell }) => {
				const record = records.get(cell);
				return record?.kind === 'prediction' ? [[example.id, record.prediction] as const] : [];
			}),
	);
	const examples = chunks.flatMap((chunk) => chunk.examples);
	const pairs = examples.flatMap(({ example, cell }) => {
		const record = records.get(cell);
		const before = usual.get(example.id);
		if (record?.kind !== 'variant' || record.prediction === null || before === undefined) return [];
		return [{ before, after: record.prediction, gold: record.gold }];
	});
	const judged = pairs.filter(({ gold }) => gold !== null);
	const { task, id, split } = dataset;
	return {
		...{ model: model.id, dataset: id, split, epoch, variant },
		...{ instruction: task.instruction, userTurn: task.userTurn ?? null },
		accuracy: shareOf(judged.map(({ after, gold }) => after === gold)),
		usualAccuracy: shareOf(judged.map(({ before, gold }) => before === gold)),
		same: shareOf(pairs.map(({ before, after }) => before === after)),
		...{ n: pairs.length, missing: examples.length - pairs.length },
	};
}

export function shareOf(outcomes: readonly boolean[]): SensitivityRow['same'] {
	const hits = outcomes.filter(Boolean).length;
	if (outcomes.length === 0) return { value: null, ci95: null };
	return { value: hits / outcomes.length, ci95: wilsonInterval(hits, outcomes.length) };
}

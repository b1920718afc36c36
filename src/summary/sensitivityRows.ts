/** How far a model's answers depend on how the task is put. */
import { wilsonInterval } from '../evaluation/statistics/proportion.ts';
import type { Task } from '../core/task.ts';
import type { StudyRecord } from '../records/records.ts';
import type { SensitivityRow } from '../records/summaryRows.ts';

/** One model asked about one dataset in one way. */
export interface AskedSetting {
	readonly model: { readonly id: string };
	readonly epoch: number | null;
	readonly dataset: { readonly id: string; readonly split: string; readonly task: Task };
	/** The predictions in the order of the examples. */
	readonly predictions: readonly { readonly example: string; readonly cell: string }[];
	/** Left out where the task is put as it is. */
	readonly variant?: string;
}

/** Returns a row per model, dataset and variant, beside what the model says to the task as it is. */
export function sensitivityRows(
	plan: readonly AskedSetting[],
	records: ReadonlyMap<string, StudyRecord>,
): SensitivityRow[] {
	return plan.flatMap((setting) => {
		if (setting.variant === undefined) return [];
		const base = plan.find((own) => isSamePlace(own, setting) && own.variant === undefined);
		return base === undefined ? [] : [rowOf(setting, base, setting.variant, records)];
	});
}

function isSamePlace(a: AskedSetting, b: AskedSetting): boolean {
	return a.model.id === b.model.id && a.epoch === b.epoch && a.dataset.id === b.dataset.id;
}

function rowOf(
	{ model, epoch, dataset, predictions }: AskedSetting,
	base: AskedSetting,
	variant: string,
	records: ReadonlyMap<string, StudyRecord>,
): SensitivityRow {
	const usual = usualPredictions(base, records);
	const pairs = predictions.flatMap(({ example, cell }) => {
		const record = records.get(cell);
		const before = usual.get(example);
		if (record?.kind !== 'variant' || record.prediction === null || before === undefined) return [];
		return [{ before, after: record.prediction, gold: record.gold }];
	});
	const judged = pairs.filter(({ gold }) => gold !== null);
	const { task, id, split } = dataset;
	return {
		model: model.id,
		dataset: id,
		split,
		epoch,
		variant,
		instruction: task.instruction,
		userTurn: task.userTurn ?? null,
		accuracy: shareOf(judged.map(({ after, gold }) => after === gold)),
		usualAccuracy: shareOf(judged.map(({ before, gold }) => before === gold)),
		same: shareOf(pairs.map(({ before, after }) => before === after)),
		n: pairs.length,
		missing: predictions.length - pairs.length,
	};
}

/** Returns the label by example, of the task as it is. */
function usualPredictions({ predictions }: AskedSetting, records: ReadonlyMap<string, StudyRecord>) {
	return new Map(
		predictions.flatMap(({ example, cell }) => {
			const record = records.get(cell);
			return record?.kind === 'prediction' ? [[example, record.prediction] as const] : [];
		}),
	);
}

function shareOf(outcomes: readonly boolean[]): SensitivityRow['same'] {
	const hits = outcomes.filter(Boolean).length;
	if (outcomes.length === 0) return { value: null, ci95: null };
	return { value: hits / outcomes.length, ci95: wilsonInterval(hits, outcomes.length) };
}

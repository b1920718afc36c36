/** Whether the answers depend on how the question is put: the same texts in other words, and with the answers in other orders. */
import { UserError, unknownName } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import type { Task } from '../core/task.ts';
import { wilsonInterval } from '../evaluation/statistics/proportion.ts';
import type { StudyConfig } from './config.ts';
import type { LoadedDataset } from './loadDataset.ts';
import type { PlannedSetting } from './plan.ts';
import type { PredictionRecord, SensitivityRow, SkippedRecord, StudyRecord, VariantRecord } from './records.ts';

/** One other way to ask what a dataset's task asks. */
export interface Variant {
	/** `wording question`, `answers in the order b, a`. */
	readonly id: string;
	readonly task: Task;
}

/** Returns the variants of each dataset by its id. Throws a `UserError` for a wording that no dataset has. */
export function variantsOf(
	{ sensitivity, seed }: Pick<StudyConfig, 'sensitivity' | 'seed'>,
	loaded: readonly LoadedDataset[],
): ReadonlyMap<string, readonly Variant[]> {
	const { wordings, labelOrders } = sensitivity;
	const known = [...new Set(loaded.flatMap((dataset) => dataset.wordings.map(({ id }) => id)))];
	const strange = Array.isArray(wordings) ? wordings.find((id) => !known.includes(id)) : undefined;
	if (strange !== undefined) throw unknownName('sensitivity.wordings', 'wording', strange, known);
	return new Map(
		loaded.map((dataset) => [
			dataset.dataset.id,
			[
				...dataset.wordings
					.filter(({ id }) => wordings === 'all' || wordings.includes(id))
					.map(({ id, task }) => ({ id: `wording ${id}`, task })),
				...reordered(dataset, labelOrders, seed),
			],
		]),
	);
}

/** Returns what to tell of datasets that cannot be asked in another way. */
export function sensitivityNotes({ sensitivity }: StudyConfig, loaded: readonly LoadedDataset[]): string[] {
	if (sensitivity.wordings === 'none' && sensitivity.labelOrders === 0) return [];
	return loaded
		.filter(({ inOrder }) => inOrder === null)
		.map(({ dataset }) => `${dataset.id}: has no task file, so it is left out of the sensitivity check.`);
}

function reordered({ dataset, inOrder }: LoadedDataset, count: number, seed: number): Variant[] {
	if (inOrder === null) return [];
	return labelOrders(dataset.task.labels, count, seed).map((labels) => ({
		id: `answers in the order ${labels.join(', ')}`,
		task: inOrder(labels),
	}));
}

/** Returns up to `count` other orders of the labels, all different: the reverse, then shuffles by the seed. */
export function labelOrders(labels: readonly string[], count: number, seed: number): string[][] {
	const orders: string[][] = [];
	const seen = new Set([labels.join('\n')]);
	const possible = labels.reduce((product, _, i) => Math.min(product * (i + 1), count + 1), 1) - 1;
	const random = seededRandom(seed, 'label orders');
	for (let order = labels.toReversed(); orders.length < Math.min(count, possible); order = random.shuffle(labels)) {
		if (seen.has(order.join('\n'))) continue;
		seen.add(order.join('\n'));
		orders.push(order);
	}
	return orders;
}

/** Returns the record of a variant from that of a prediction. */
export function asVariant(variant: string, record: StudyRecord): VariantRecord[] {
	if (record.kind !== 'prediction' && record.kind !== 'skipped') return [];
	const { cell, model, dataset, split, epoch, example, gold, crashed } = record;
	const key = { cell, model, dataset, split, epoch, example, ...(crashed === undefined ? {} : { crashed }) };
	return [{ kind: 'variant', ...key, variant, gold, ...answerOf(record) }];
}

function answerOf(
	record: PredictionRecord | SkippedRecord,
): Pick<VariantRecord, 'prediction' | 'probabilities' | 'reason'> {
	if (record.kind === 'skipped') return { prediction: null, probabilities: {}, reason: record.reason };
	return { prediction: record.prediction, probabilities: record.probabilities, reason: null };
}

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

function isSamePlace(a: PlannedSetting, b: PlannedSetting): boolean {
	return a.model.id === b.model.id && a.epoch === b.epoch && a.dataset.id === b.dataset.id;
}

function rowOf(
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

function shareOf(outcomes: readonly boolean[]): SensitivityRow['same'] {
	const hits = outcomes.filter(Boolean).length;
	if (outcomes.length === 0) return { value: null, ci95: null };
	return { value: hits / outcomes.length, ci95: wilsonInterval(hits, outcomes.length) };
}

/** Throws a `UserError` where a study asks for variants and no dataset has any. */
export function requireVariants({ sensitivity }: StudyConfig, variants: ReadonlyMap<string, readonly Variant[]>): void {
	const isAsked = sensitivity.wordings !== 'none' || sensitivity.labelOrders > 0;
	if (!isAsked || [...variants.values()].some((list) => list.length > 0)) return;
	throw new UserError(
		'sensitivity: none of the datasets has a task file, so there is no other way to ask. Give one: task: ./my-task.yaml.',
	);
}

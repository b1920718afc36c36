/** Whether the answers depend on how the question is put: the same texts in other words, and with the answers in other orders. */
import { UserError, unknownName } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import type { Task } from '../../core/task.ts';
import type { StudyConfig } from '../config/studyFile.ts';
import type { LoadedDataset } from './loadDataset.ts';
import type { PredictionRecord, SkippedRecord, StudyRecord, VariantRecord } from '../../records/records.ts';

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
		.map(
			({ dataset }) =>
				`${dataset.id}: its instruction does not list its answers, so they have no other order: it is left out of the sensitivity check.`,
		);
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

/** Throws a `UserError` where a study asks for variants and no dataset has any. */
export function requireVariants({ sensitivity }: StudyConfig, variants: ReadonlyMap<string, readonly Variant[]>): void {
	const isAsked = sensitivity.wordings !== 'none' || sensitivity.labelOrders > 0;
	if (!isAsked || [...variants.values()].some((list) => list.length > 0)) return;
	throw new UserError(
		'sensitivity: there is no other way to ask about any of the datasets. Other wordings stand in a task file ("task: ./my-task.yaml"); other orders need an instruction that lists all answers, "… yes, no or maybe".',
	);
}

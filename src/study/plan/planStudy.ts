/** The cells of a study in the order of its records: by model, dataset, chunk of examples, example, method. */
import { UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { contentId } from '../../core/ids.ts';
import { predictionCell, rationaleCell } from './cells.ts';
import type { Variant } from '../data/taskVariants.ts';
import type { RationaleSettings } from '../../explain/settings.ts';
import type { PlannedChunk, PlannedExample } from '../../explain/chunk.ts';
import type { StudyDataset } from '../data/studyDataset.ts';
import type { TunedModels } from '../models/tunedModels.ts';
import type { ModelEntry, ModelSource } from '../models/modelSource.ts';

/** One model on one split of one dataset. */
export interface PlannedSetting {
	readonly model: ModelEntry & { readonly identity: string };
	/** Of fine-tuning, 0 before it; null for a model that is not fine-tuned. */
	readonly epoch: number | null;
	readonly dataset: StudyDataset;
	/** What decides the rationales of its records. */
	readonly settings: RationaleSettings;
	readonly chunks: readonly PlannedChunk[];
	/** Set where the task is put in another way: then only predictions are asked for. */
	readonly variant?: string;
}

export interface PlanOptions {
	readonly models: readonly ModelEntry[];
	readonly datasets: readonly StudyDataset[];
	/** What decides the rationales of a dataset. */
	readonly settingsOf: (dataset: StudyDataset) => RationaleSettings;
	/** Examples per chunk. */
	readonly batch: number;
	readonly source: ModelSource;
	/** What fine-tuning made of the models; nothing where left out. */
	readonly tuned?: TunedModels;
	/** Other ways to put the task, by dataset; none where left out. */
	readonly variants?: ReadonlyMap<string, readonly Variant[]>;
}

/** Returns the plan. Throws a UserError for a dataset in which two examples have the same id. */
export async function planStudy(options: PlanOptions): Promise<PlannedSetting[]> {
	for (const dataset of options.datasets) requireDifferentIds(dataset);
	const plan: PlannedSetting[] = [];
	for (const entry of options.models) {
		for (const dataset of options.datasets) {
			const settings = options.settingsOf(dataset);
			for (const { epoch, entry: at } of options.tuned?.(entry.id, dataset.id) ?? [{ epoch: null, entry }]) {
				const model = { ...at, identity: await options.source.identify(at), epoch };
				const examples = dataset.examples.map((example) => planExample(model, dataset, example, settings));
				plan.push({ model, epoch, dataset, settings, chunks: chunksOf(examples, options.batch) });
				for (const { id, task } of options.variants?.get(dataset.id) ?? []) {
					const own = { ...dataset, task };
					const asked = dataset.examples.map((example) => planVariant(model, own, example));
					const chunks = chunksOf(asked, options.batch);
					plan.push({ model, epoch, dataset: own, settings: { ...settings, methods: [] }, chunks, variant: id });
				}
			}
		}
	}
	return plan;
}

function planVariant(
	model: Parameters<typeof predictionCell>[0],
	dataset: StudyDataset,
	example: Example,
): PlannedExample {
	return { example, cell: contentId({ variant: predictionCell(model, dataset, example) }), rationaleCells: [] };
}

function planExample(
	model: PlannedSetting['model'] & Pick<PlannedSetting, 'epoch'>,
	dataset: StudyDataset,
	example: Example,
	settings: RationaleSettings,
): PlannedExample {
	const cell = predictionCell(model, dataset, example);
	const rationaleCells = settings.methods.map((method) => rationaleCell(cell, method, settings, dataset.meanShare));
	return { example, cell, rationaleCells };
}

function chunksOf(examples: readonly PlannedExample[], size: number): PlannedChunk[] {
	const count = Math.ceil(examples.length / size);
	return Array.from({ length: count }, (_, i) => ({ examples: examples.slice(i * size, (i + 1) * size) }));
}

function requireDifferentIds({ id, examples }: StudyDataset): void {
	const seen = new Set<string>();
	for (const example of examples) {
		if (seen.has(example.id)) {
			throw new UserError(`dataset "${id}": two examples have the id "${example.id}". Give each one its own.`);
		}
		seen.add(example.id);
	}
}

/** Models as they are after each epoch of fine-tuning. */
import type { ModelEntry } from './modelSource.ts';

/** A model as it is after an epoch; 0 is before training. */
export interface TunedModel {
	readonly epoch: number;
	readonly entry: ModelEntry;
}

/** Returns the epochs of a model on a dataset, or null where it is not fine-tuned. */
export type TunedModels = (model: string, dataset: string) => readonly TunedModel[] | null;

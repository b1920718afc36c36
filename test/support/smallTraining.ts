/** A training of a bundled model that takes seconds. */
import { DATASETS } from '../../src/datasets/datasets.ts';
import { modelPlace } from '../../src/llm/openModel.ts';
import type { FinetuneEvents, FinetuneRequest } from '../../src/training/finetune.ts';
import { trainingSchema, type TrainingSettings } from '../../src/training/settings.ts';

/** Returns a request for 2 epochs of 5 steps; the keys given replace its settings. */
export function smallTraining(folder: string, settings: object = {}): FinetuneRequest {
	const bios = DATASETS['planted-bios'];
	const parsed: TrainingSettings = trainingSchema.parse({
		epochs: 2,
		learningRate: 1e-3,
		batch: { size: 4, part: 2, bucket: 2 },
		validation: 0.2,
		...settings,
	});
	const data = [{ name: bios.id, task: bios.task, examples: bios.load('train', { limit: 25, seed: 1 }) }];
	return { model: { id: 'tiny-base', place: modelPlace('tiny-base') }, data, settings: parsed, seed: 3, folder };
}

/** Returns events that nobody listens to; those given replace them. */
export function quietly(events: Partial<FinetuneEvents> = {}): FinetuneEvents {
	const nothing = (): void => undefined;
	return {
		onPlan: nothing,
		onStep: nothing,
		onEpoch: nothing,
		now: () => performance.now(),
		signal: new AbortController().signal,
		...events,
	};
}

/** The bundled datasets. Adding one = its file, its test and one line in `DATASETS`. */
import { unknownName } from '../core/errors.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { plantedBios } from './planted/bios.ts';
import { plantedClaims } from './planted/claims.ts';
import { plantedNli } from './planted/nli.ts';
import type { PlantedExample, PlantedGenerator } from './planted/planted.ts';
import { stratifiedSample } from './sample.ts';

export type Split = 'train' | 'test';

export interface LoadOptions {
	/** At most this many examples, stratified by label; all where left out. */
	readonly limit?: number | undefined;
	/** Decides which examples a limit draws; without a limit it is of no consequence. */
	readonly seed: number;
}

export interface Dataset {
	readonly id: string;
	readonly title: string;
	readonly task: Task;
	/** Number of examples by split. */
	readonly splits: Readonly<Record<Split, number>>;
	/** Where the texts and their annotations come from. */
	readonly source: string;
	readonly licence: string;
	/** Returns the examples of a split. Throws a `UserError` for a split that does not exist. */
	load(split: string, options: LoadOptions): Example[];
}

/** The planted datasets are what their generators write with this seed: ids name these texts. */
const PLANTED_SEED = 0;
const PLANTED_SPLITS = { train: 8000, test: 500 } as const;

export const DATASETS = {
	'planted-bios': plantedDataset(plantedBios, 'Planted biographies: occupation of a person'),
	'planted-nli': plantedDataset(plantedNli, 'Planted inference: premise and hypothesis'),
	'planted-claims': plantedDataset(plantedClaims, 'Planted claims: claim and passage'),
} as const satisfies Readonly<Record<string, Dataset>>;

export type DatasetId = keyof typeof DATASETS;

export const DATASET_IDS: readonly string[] = Object.keys(DATASETS);

/** Returns the bundled dataset of this id. Throws a `UserError` that lists all ids and says `where` the name stood. */
export function datasetNamed(id: string, where: string): Dataset {
	const found = Object.values<Dataset>(DATASETS).find((dataset) => dataset.id === id);
	if (found === undefined) throw unknownName(where, 'dataset', id, DATASET_IDS);
	return found;
}

interface PlantedDataset extends Dataset {
	load(split: string, options: LoadOptions): PlantedExample[];
}

function plantedDataset(generator: PlantedGenerator, title: string): PlantedDataset {
	return {
		id: generator.id,
		title,
		task: generator.task,
		splits: PLANTED_SPLITS,
		source: 'Written by a grammar of this program that knows the deciding words (src/datasets/planted)',
		licence: 'Apache-2.0',
		load: (split, { limit, seed }) => {
			if (split !== 'train' && split !== 'test') {
				throw unknownName(generator.id, 'split', split, Object.keys(PLANTED_SPLITS));
			}
			const planned = generator.plan(split, { count: PLANTED_SPLITS[split], seed: PLANTED_SEED });
			return stratifiedSample(planned, limit, seed).map(({ write }) => write());
		},
	};
}

/** The `study.yaml` of an output folder: the study with all defaults and what it was run with. It can itself be run. */
import { isAbsolute, relative } from 'node:path';
import { yamlText } from '../../files/yamlText.ts';
import type { TableSpec } from '../../datasets/tableSpec.ts';
import type { ChosenTuning } from '../../llm/tuning.ts';
import { promptTexts } from '../../prompts/prompts.ts';
import type { StudyConfig } from '../config/studyFile.ts';
import type { ExampleSource } from '../config/exampleSource.ts';
import type { DatasetEntry } from '../config/datasetEntry.ts';
import type { PlannedSetting } from './planStudy.ts';
import { recordFormat } from '../../records/recordFormat.ts';
import type { ModelSource } from '../models/modelSource.ts';

export interface ResolvedStudy {
	readonly config: StudyConfig;
	readonly plan: readonly PlannedSetting[];
	/** What the models on this machine are computed with, by id: it decides the last digits of records. */
	readonly tunings: ReadonlyMap<string, ChosenTuning>;
	/** Version by name of program. */
	readonly versions: Readonly<Record<string, string>>;
	/** Where the text is written: paths become relative to it. */
	readonly folder: string;
}

/** Returns the text; equal runs give equal texts. */
export function resolvedStudyText({ config, plan, tunings, versions, folder }: ResolvedStudy): string {
	const { study, seed, models, datasets, place: _, ...rest } = config;
	const resolved = {
		versions,
		recordFormat,
		models: uniqueBy(plan.map(({ model: { id, identity } }) => ({ id, identity, ...computedWith(tunings.get(id)) }))),
		datasets: uniqueBy(plan.map(datasetFacts)),
		prompts: promptTexts().map(({ id, wording }) => ({ id, wording })),
	};
	const written = {
		study,
		seed,
		models: models.map(({ path, adapter, ...model }) => ({
			...model,
			path: path === null ? null : pathFrom(folder, path),
			...(adapter == null ? {} : { adapter: pathFrom(folder, adapter) }),
		})),
		datasets: datasets.map((entry) => datasetAsWritten(entry, folder)),
		...rest,
		resolved,
	};
	return `# Written by the run: the study with all defaults. It can be run itself.\n${yamlText(written)}`;
}

function computedWith(tuning: ChosenTuning | undefined): object {
	return tuning === undefined ? {} : { computedWith: tuning };
}

/** Returns what each model on this machine is computed with, by id. */
export async function tuningsOf({ models }: StudyConfig, source: ModelSource): Promise<Map<string, ChosenTuning>> {
	const tunings = new Map<string, ChosenTuning>();
	for (const model of models) {
		const tuning = await source.tuning?.(model);
		if (tuning != null) tunings.set(model.id, tuning);
	}
	return tunings;
}

function datasetFacts({ dataset, settings: { selections, guidedBy } }: PlannedSetting) {
	const { id, split, task, examples, meanShare } = dataset;
	return { id, split, examples: examples.length, meanShareOfAnnotatedWords: meanShare, selections, guidedBy, task };
}

function datasetAsWritten(entry: DatasetEntry, folder: string): object {
	// The path says where the fetched files lie.
	const { file, path, task, format, train, fewShot, from: _, ...rest } = entry;
	return {
		...rest,
		...(format === undefined ? {} : { format }),
		...(path === undefined ? {} : { path: pathFrom(folder, path) }),
		...(file === undefined ? {} : { file: tableAsWritten(file, folder) }),
		...(train === undefined ? {} : { train: { ...train, from: sourceAsWritten(train.from, folder) } }),
		...(fewShot === undefined ? {} : { fewShot: { ...fewShot, from: sourceAsWritten(fewShot.from, folder) } }),
		...(task === undefined ? {} : { task: task.file === undefined ? task : { file: pathFrom(folder, task.file) } }),
	};
}

function sourceAsWritten({ file, ...source }: ExampleSource, folder: string): object {
	if (file === undefined) return source;
	return { ...source, file: typeof file === 'string' ? pathFrom(folder, file) : tableAsWritten(file, folder) };
}

function tableAsWritten({ path, rationales, ...file }: TableSpec, folder: string): object {
	return { path: pathFrom(folder, path), ...file, rationale: rationales };
}

/** Returns a path that starts as one: `./…`, `../…`, or absolute where there is no relative one. */
function pathFrom(folder: string, path: string): string {
	const way = relative(folder, path).replaceAll('\\', '/');
	return isAbsolute(way) || way.startsWith('.') ? way : `./${way}`;
}

function uniqueBy<T extends { readonly id: string }>(items: readonly T[]): T[] {
	return [...new Map(items.map((item) => [item.id, item])).values()];
}

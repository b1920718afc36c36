/** The `finetune:` section of a study: trains its models, each epoch of which is then studied like a model. */
import { join } from 'node:path';
import type { BadRow } from '../../core/badRow.ts';
import { UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { stratifiedSample } from '../../datasets/sample.ts';
import type { ModelPlace } from '../../llm/modelPlace.ts';
import { finetune } from '../../training/finetune.ts';
import type { TrainingEstimate } from '../../training/trainingEstimate.ts';
import type { TaskExamples } from '../../training/trainingSequences.ts';
import type { EpochResult } from '../../training/loop.ts';
import type { StudyConfig } from '../config/studyFile.ts';
import type { DatasetEntry } from '../config/datasetEntry.ts';
import { textOf } from '../data/demonstrations.ts';
import { type LoadedDataset, loadLabelled } from '../data/loadDataset.ts';
import { isTrained } from '../models/usableModels.ts';
import type { TunedModel, TunedModels } from '../models/tunedModels.ts';
import type { ModelEntry, ModelSource } from '../models/modelSource.ts';

/** One training: a model on one dataset, or on several together. */
export interface Training {
	readonly model: string;
	readonly datasets: readonly string[];
	readonly folder: string;
	/** Which part of all texts that are learnt from it has, from 0 to 1: what comes after it takes about as long a text. */
	readonly part: { readonly start: number; readonly end: number };
}

export interface TrainingEvents {
	/** Before the first step. */
	readonly onPlan: (training: Training, plan: TrainingEstimate) => void;
	readonly onStep: (training: Training, done: number, total: number, loss: number) => void;
	readonly onEpoch: (training: Training, result: EpochResult) => void;
	readonly signal: AbortSignal;
}

export interface TrainingInput {
	readonly config: StudyConfig;
	/** As the study loaded them: their tasks are what is learnt. */
	readonly datasets: readonly LoadedDataset[];
	readonly source: ModelSource;
	/** The output folder; trainings lie in `finetune/` there. */
	readonly out: string;
}

/** The results of one training, from epoch 0 on. */
export interface TrainingResult extends Training {
	readonly results: readonly EpochResult[];
	readonly epochs: readonly TunedModel[];
	/** Rows of the training data that could not be used. */
	readonly badRows: readonly BadRow[];
}

/**
 * Trains what the study asks for and is not there yet. Throws what `finetune` throws, and `UserError` for a model that
 * is not on this machine.
 */
export async function runTrainings(input: TrainingInput, events: TrainingEvents): Promise<TrainingResult[]> {
	const { config, datasets } = input;
	if (config.finetune === null) return [];
	const { together } = config.finetune;
	const groups = together ? [datasets] : datasets.map((dataset) => [dataset]);
	const materials = await Promise.all(groups.map((group) => groupMaterial(config, group)));
	const models = config.models.filter((entry) => isTrained(config, entry));
	const all = models.flatMap((model) => materials.map((material) => ({ model, material })));
	const texts = all.reduce((sum, { material }) => sum + material.texts, 0);
	const results: TrainingResult[] = [];
	let before = 0;
	for (const { model, material } of all) {
		const part = { start: before / texts, end: (before + material.texts) / texts };
		const training = { ...trainingOf(input, model, material), part };
		results.push(await runTraining(input, model, material, training, events));
		before += material.texts;
	}
	return results;
}

/** Returns the models of the trainings by study model and dataset. */
export function tunedModels(results: readonly TrainingResult[]): TunedModels {
	return (model, dataset) =>
		results.find((result) => result.model === model && result.datasets.includes(dataset))?.epochs ?? null;
}

function trainingOf({ out }: TrainingInput, model: ModelEntry, { ids }: GroupMaterial): Omit<Training, 'part'> {
	const folder = join(out, 'finetune', fileName(model.id), ids.map(fileName).join('+'));
	return { model: model.id, datasets: ids, folder };
}

async function runTraining(
	{ config, source }: TrainingInput,
	model: ModelEntry,
	{ data: told, badRows }: GroupMaterial,
	training: Training,
	events: TrainingEvents,
): Promise<TrainingResult> {
	const data = told.map((one) => toldTask(one, model));
	const { models: _models, together: _together, ...settings } = config.finetune as NonNullable<StudyConfig['finetune']>;
	const place = placeOf(source, model);
	// Large weights are hashed here, where their source tells how far that is; the hash is kept.
	await source.identify(model);
	const request = { model: { id: model.id, place }, data, settings, seed: config.seed, folder: training.folder };
	const { results, epochs } = await finetune(request, {
		onPlan: (plan) => events.onPlan(training, plan),
		onStep: ({ step }, loss, total) => events.onStep(training, step, total, loss),
		onEpoch: (result) => events.onEpoch(training, result),
		now: () => performance.now(),
		signal: events.signal,
	});
	const { template } = model;
	const entryOf = ({ folder, adapter }: ModelPlace): ModelEntry => ({
		id: model.id,
		path: folder,
		adapter,
		...(template && { template }),
	});
	const tuned = epochs.map(({ epoch, place: at }) => ({ epoch, entry: entryOf(at) }));
	return { ...training, results, epochs: [{ epoch: 0, entry: model }, ...tuned], badRows };
}

/** A model learns from the prompts that it is asked with. */
function toldTask(data: TaskExamples, { template }: ModelEntry): TaskExamples {
	if (template === undefined) return data;
	return { ...data, task: { ...data.task, template: { ...template, ...data.task.template } } };
}

function placeOf(source: ModelSource, model: ModelEntry): ModelPlace {
	if (source.place !== undefined) return source.place(model);
	throw new UserError(`finetune: model "${model.id}" is not on this machine, so it cannot be trained here.`);
}

interface Material {
	readonly data: TaskExamples;
	readonly badRows: readonly BadRow[];
}

/** What is learnt together. */
interface GroupMaterial {
	/** Of the datasets. */
	readonly ids: readonly string[];
	readonly data: readonly TaskExamples[];
	readonly badRows: readonly BadRow[];
	readonly texts: number;
}

async function groupMaterial(config: StudyConfig, group: readonly LoadedDataset[]): Promise<GroupMaterial> {
	const ids = group.map(({ dataset }) => dataset.id);
	const materials: Material[] = [];
	for (const loaded of group) materials.push(await trainingData(config, loaded));
	const data = materials.map((material) => material.data);
	const texts = data.reduce((sum, { examples }) => sum + examples.length, 0);
	return { ids, data, badRows: materials.flatMap(({ badRows }) => badRows), texts };
}

async function trainingData(config: StudyConfig, loaded: LoadedDataset): Promise<Material> {
	const { dataset } = loaded;
	const index = config.datasets.findIndex(({ id }) => id === dataset.id);
	const entry = config.datasets[index] as DatasetEntry;
	const { from = {}, limit } = entry.train ?? {};
	const where = config.place(['datasets', index, 'train']);
	const { examples, badRows, isSame, name } = await loadLabelled(entry, from, loaded, config.seed, where);
	const studied = new Set(dataset.examples.map(textOf));
	const isStudied = (example: Example): boolean => studied.has(textOf(example));
	const pool = isSame ? examples.filter((example) => !isStudied(example)) : examples;
	if (pool.length === 0) {
		throw new UserError(
			`${where}: all texts of ${name} are studied, none is left to learn from. Give the dataset a "limit".`,
		);
	}
	const learnt = stratifiedSample(pool, limit, config.seed);
	const both = learnt.find(isStudied);
	if (both !== undefined) {
		throw new UserError(
			`${where}: the text of training example "${both.id}" is also among the examples that are studied; what a model was trained ` +
				'on says nothing about it. Give "train" another split or file.',
		);
	}
	return { data: { name: dataset.id, task: dataset.task, examples: learnt }, badRows };
}

function fileName(id: string): string {
	return id.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
}

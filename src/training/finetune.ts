/**
 * Fine-tunes a model in a folder: an epoch's model in each `epoch-NN`, the way back after a crash in
 * `checkpoint.safetensors`, what each epoch gave in `training.json`.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../core/errors.ts';
import type { Example } from '../core/example.ts';
import { contentId } from '../core/ids.ts';
import { stratifiedSample } from '../datasets/sample.ts';
import { newAdapterConfig, targetedModules } from '../llm/adapters/adapterConfig.ts';
import { writeAdapter } from '../llm/adapters/adapterWriter.ts';
import { modelIdentity } from '../llm/modelIdentity.ts';
import type { ModelPlace } from '../llm/modelPlace.ts';
import { decodedDecoder } from '../llm/models/blockDecoder.ts';
import { loadDecoder, type LoadedDecoder, projectionSizes } from '../llm/models/loadDecoder.ts';
import { bundledModels, modelPlace } from '../llm/openModel.ts';
import { openTokenizer } from '../llm/process/tokenizerClient.ts';
import type { Tokenizer } from '../llm/tokenizers/tokenizer.ts';
import { adamWDefaults } from './adamW.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { checkLabels, trainingSequencesOf, validationItemsOf, type TaskExamples } from './trainingSequences.ts';
import { type EpochResult, freshState, isFinished, type LoopOptions, type LoopState, runLoop } from './loop.ts';
import { commonPrefix, type WeightedTokens } from './lossGraph.ts';
import { type TrainingEstimate, type TrainingData, estimateTraining } from './trainingEstimate.ts';
import type { TrainingSettings } from './settings.ts';
import { initialLowRank, storedParameters, type TrainableDecoder, trainAllWeights, trainLowRank } from './trainable.ts';
import { createTrainer } from './trainer.ts';
import { isWritten, writeFolder, writeModel } from './writeModel.ts';

export interface FinetuneRequest {
	readonly model: { readonly id: string; readonly place: ModelPlace };
	readonly data: readonly TaskExamples[];
	readonly settings: TrainingSettings;
	readonly seed: number;
	/** Made when absent, continued when it holds a checkpoint. */
	readonly folder: string;
}

export interface FinetuneEvents {
	readonly onPlan: (plan: TrainingEstimate) => void;
	readonly onStep: (state: LoopState, loss: number, totalSteps: number) => void;
	readonly onEpoch: (result: EpochResult) => void;
	readonly now: () => number;
	readonly signal: AbortSignal;
}

export interface Finetuned {
	readonly results: readonly EpochResult[];
	/** The model of each epoch from 1 on. */
	readonly epochs: readonly { readonly epoch: number; readonly place: ModelPlace }[];
}

/**
 * Trains until all epochs are done, from where an earlier run stopped; a finished training is left as it is.
 * @throws UserError for data, models and disks that cannot be used, and a loss that is not a finite number;
 * InterruptedError when stopped.
 */
export async function finetune(request: FinetuneRequest, events: FinetuneEvents): Promise<Finetuned> {
	const { model, settings, seed, folder } = request;
	if (model.place.adapter !== null) {
		throw new UserError(
			`model "${model.id}": it is changed by an adapter already, and training on top of one is not supported. ` +
				'Merge the adapter with PEFT (merge_and_unload) and give the merged folder.',
		);
	}
	const stored = loadDecoder(model.place.folder);
	const identity = await trainingIdentity(request, stored);
	// All weights are read, but frozen ones are mapped.
	const base = settings.weights === 'all' ? stored : decodedDecoder(stored, model.place.decodedFolder);
	const file = join(folder, 'checkpoint.safetensors');
	const checkpoint = readCheckpoint(file, identity);
	const from = checkpoint?.state ?? freshState;
	const options = loopOptions(settings, seed);
	if (isFinished(from, options)) return finetuned(request, from.results);
	const data = await trainingDataOf(request, base);
	if (settings.patience !== null && data.validation.length === 0) {
		throw new UserError(
			`finetune.patience: "validation" (${settings.validation}) holds out no example, so no epoch can be told from a better one. ` +
				'Raise "validation", or leave "patience" out.',
		);
	}
	const target = trainableOf(request, base);
	const prefix = commonPrefix(sequencesOf(data));
	makeFolder(folder);
	const trainer = createTrainer(target.trainable, {
		prefix,
		adamW: { ...adamWDefaults, beta2: settings.beta2, weightDecay: settings.weightDecay },
		clip: settings.clip ?? Infinity,
	});
	try {
		if (checkpoint !== null) trainer.restore(checkpoint.trainer);
		events.onPlan(await estimateTraining({ base, ...target, trainer, data, prefix, options, from, now: events.now }));
		const state = await runLoop(
			{ trainer, ...data, options, from },
			{
				...events,
				saveCheckpoint: (at) => writeCheckpoint(file, identity, at, trainer.state()),
				saveEpoch: (result) => {
					if (result.epoch > 0) writeFolder(epochFolder(folder, result.epoch), target.write);
					events.onEpoch(result);
				},
			},
		);
		writeResults(request, state.results);
		return finetuned(request, state.results);
	} finally {
		await trainer.release();
	}
}

/** Returns the hash of what decides the weights of every epoch, machine and number of threads left out. */
export async function trainingIdentity(
	{ model, data, settings, seed }: FinetuneRequest,
	base: LoadedDecoder,
): Promise<string> {
	const { checkpointMinutes: _, ...deciding } = settings;
	const { decodedFolder } = model.place;
	const cacheFolder = decodedFolder === undefined ? null : dirname(decodedFolder);
	return contentId({ base: await modelIdentity(base, cacheFolder), seed, settings: deciding, data });
}

function loopOptions(settings: TrainingSettings, seed: number): LoopOptions {
	const { batch, schedule, learningRate, warmUp } = settings;
	return {
		epochs: settings.epochs,
		batch: { size: batch.size, bucket: batch.bucket, seed },
		part: Math.min(batch.part, batch.size),
		schedule: { kind: schedule, peak: learningRate, warmUp, floor: 0 },
		patience: settings.patience,
		checkpointEvery: settings.checkpointMinutes * 60_000,
	};
}

async function trainingDataOf({ data, settings, seed }: FinetuneRequest, base: LoadedDecoder): Promise<TrainingData> {
	const tokenizer = await openTokenizer(base.folder);
	try {
		return await tokenised(tokenizer, { data, settings, seed }, base);
	} finally {
		await tokenizer.close();
	}
}

async function tokenised(
	tokenizer: Tokenizer,
	{ data, settings, seed }: Pick<FinetuneRequest, 'data' | 'settings' | 'seed'>,
	base: LoadedDecoder,
): Promise<TrainingData> {
	const { contextLength } = base.decoder.sizes;
	const options = { ...settings, contextLength, seed };
	const all: TrainingData[] = [];
	for (const part of data) {
		checkLabels(part);
		const held = heldOut(part.examples, settings.validation, seed);
		const learnt = part.examples.filter((example) => !held.includes(example));
		const { sequences, truncated } = await trainingSequencesOf(tokenizer, { ...part, examples: learnt }, options);
		all.push({
			sequences,
			truncated,
			validation: await validationItemsOf(tokenizer, { ...part, examples: held }, options),
		});
	}
	return {
		sequences: all.flatMap(({ sequences }) => sequences),
		validation: all.flatMap(({ validation }) => validation),
		truncated: all.flatMap(({ truncated }) => truncated),
	};
}

function sequencesOf({ sequences, validation }: TrainingData): WeightedTokens[] {
	return [...sequences, ...validation.flatMap(({ candidates }) => candidates)];
}

/** Returns the examples that are held out: labels in proportion, drawn by the seed. */
function heldOut(examples: readonly Example[], share: number, seed: number): readonly Example[] {
	const count = Math.round(examples.length * share);
	return count === 0 ? [] : stratifiedSample(examples, count, seed);
}

interface TrainingTarget {
	readonly trainable: TrainableDecoder;
	/** Writes the model as it is now into an existing folder. */
	readonly write: (folder: string) => void;
}

function trainableOf({ model, settings, seed }: FinetuneRequest, base: LoadedDecoder): TrainingTarget {
	const { family, config } = base;
	if (settings.weights === 'all') {
		const parameters = storedParameters(base);
		const trainable = trainAllWeights(family, config, parameters);
		return { trainable, write: (folder) => writeModel(folder, base, parameters) };
	}
	const { r: rank, alpha, rslora, targets } = settings.lora;
	const adapter = newAdapterConfig({ rank, alpha, rslora, targets }, baseName(model), family.modelType);
	const known = [...projectionSizes(family, config).keys()];
	const chosen = targetedModules(adapter, known) ?? [];
	requireTargets(targets, known);
	const parameters = initialLowRank(base, chosen, adapter, seed);
	return {
		trainable: trainLowRank(base, adapter, parameters),
		write: (folder) => writeAdapter(folder, adapter, parameters),
	};
}

/** The name by which `modelPlace`, and for folders PEFT, finds the base model again. */
function baseName({ id, place }: FinetuneRequest['model']): string {
	const isBundled = bundledModels.some((bundled) => bundled.id === id) && modelPlace(id).folder === place.folder;
	return isBundled ? id : resolve(place.folder);
}

function requireTargets(targets: 'all-linear' | readonly string[], known: readonly string[]): void {
	if (targets === 'all-linear') return;
	const strange = targets.find((target) => !known.some((name) => name === target || name.endsWith(`.${target}`)));
	if (strange === undefined) return;
	const endings = [...new Set(known.map((name) => name.split('.').at(-1) ?? name))];
	throw new UserError(
		`finetune.lora.targets: the model has no projection "${strange}". It has ${endings.join(', ')}; or give all-linear.`,
	);
}

function finetuned({ folder, model, settings }: FinetuneRequest, results: readonly EpochResult[]): Finetuned {
	const epochs = results.flatMap(({ epoch }) => (epoch === 0 ? [] : [{ epoch, path: epochFolder(folder, epoch) }]));
	const lost = epochs.find(({ path }) => !isWritten(path));
	if (lost !== undefined) {
		throw new UserError(
			`${lost.path}: the model of epoch ${lost.epoch} is not there, though the training was finished. ` +
				`Put it back, or delete ${folder} to train anew.`,
		);
	}
	const placeOf = (path: string): ModelPlace =>
		settings.weights === 'all' ? { folder: path, adapter: null } : { folder: model.place.folder, adapter: path };
	return { results, epochs: epochs.map(({ epoch, path }) => ({ epoch, place: placeOf(path) })) };
}

function epochFolder(folder: string, epoch: number): string {
	return join(folder, `epoch-${String(epoch).padStart(2, '0')}`);
}

function writeResults({ model, settings, seed, folder }: FinetuneRequest, results: readonly EpochResult[]): void {
	const text = JSON.stringify({ model: model.id, seed, settings, results }, null, '\t');
	writeFileSync(join(folder, 'training.json'), `${text}\n`);
}

/** Makes the folder and removes what writes that a crash cut off have left. */
function makeFolder(folder: string): void {
	try {
		mkdirSync(folder, { recursive: true });
		const isTemporary = (name: string): boolean => /^\.epoch-\d+\.tmp$/u.test(name);
		for (const name of readdirSync(folder).filter(isTemporary)) rmSync(join(folder, name), { recursive: true });
	} catch (error) {
		throw new UserError(`${folder}: cannot be made (${messageOf(error)}). Choose another --out folder.`);
	}
}

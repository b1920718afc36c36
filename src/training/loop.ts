/** The course of a training: epochs of batches, examination after each, checkpoints, early stop. Knows no files. */
import { setImmediate } from 'node:timers/promises';
import { InterruptedError, UserError } from '../core/errors.ts';
import { itemAt } from '../core/present.ts';
import { type BatchOptions, epochBatches } from './epochBatches.ts';
import type { TrainingSequence, ValidationItem } from './trainingSequences.ts';
import type { WeightedTokens } from './lossGraph.ts';
import { learningRateAt, type ScheduleOptions } from './schedule.ts';
import type { Differentiated, Trainer } from './trainer.ts';

export interface LoopOptions {
	readonly epochs: number;
	readonly batch: BatchOptions;
	/** Sequences that run together; the gradients of a batch's parts are added. */
	readonly part: number;
	readonly schedule: Omit<ScheduleOptions, 'steps' | 'warmUp'> & {
		/** Share of all steps over which the rate rises. */
		readonly warmUp: number;
	};
	/** Ends the training after this many epochs without a lower validation loss; null for never. */
	readonly patience: number | null;
	/** Milliseconds between checkpoints inside an epoch. */
	readonly checkpointEvery: number;
}

/** What one epoch gave. */
export interface EpochResult {
	readonly epoch: number;
	/** Optimiser steps so far. */
	readonly step: number;
	/** Mean over the epoch's steps; null for epoch 0, before any. */
	readonly loss: number | null;
	/** On the validation examples: loss of the label's tokens, and accuracy by the most probable label; null without any. */
	readonly validationLoss: number | null;
	readonly validationAccuracy: number | null;
}

/** Where a training stands; with the trainer's state enough to go on as if it had never stopped. */
export interface LoopState {
	/** Completed epochs. */
	readonly epoch: number;
	/** Completed steps of the epoch under way, and the sum of their losses. */
	readonly position: number;
	readonly lossSum: number;
	readonly step: number;
	readonly results: readonly EpochResult[];
}

export const freshState: LoopState = { epoch: 0, position: 0, lossSum: 0, step: 0, results: [] };

/** What the loop tells and asks while it runs. */
export interface LoopEvents {
	/** After every step. */
	readonly onStep: (state: LoopState, loss: number, totalSteps: number) => void;
	/** The state, whose weights gave a finite loss, is to be put on disk. */
	readonly saveCheckpoint: (state: LoopState) => void;
	/** An epoch is complete (0: before training): its model is to be put on disk. */
	readonly saveEpoch: (result: EpochResult) => void;
	readonly now: () => number;
	readonly signal: AbortSignal;
}

export interface LoopInput {
	readonly trainer: Trainer;
	readonly sequences: readonly TrainingSequence[];
	readonly validation: readonly ValidationItem[];
	readonly options: LoopOptions;
	/** Where an earlier run stopped, or `freshState`. */
	readonly from: LoopState;
}

/** Returns the number of steps of a whole training. */
export function totalSteps(sequences: number, { epochs, batch }: Pick<LoopOptions, 'epochs' | 'batch'>): number {
	return epochs * Math.ceil(sequences / batch.size);
}

/** Returns true once nothing is left to do. */
export function isFinished({ epoch, results }: LoopState, { epochs, patience }: LoopOptions): boolean {
	return epoch >= epochs || (patience !== null && epochsWithoutGain(results) >= patience);
}

/**
 * Trains until all epochs are done or the validation loss stops falling, and returns the last state.
 * @throws InterruptedError when stopped (a checkpoint is saved first); UserError when the loss is not a finite number.
 */
export async function runLoop(input: LoopInput, events: LoopEvents): Promise<LoopState> {
	let state = input.from;
	if (state.results.length === 0) state = await examined(input, events, state, null);
	while (!isFinished(state, input.options)) state = await runEpoch(input, events, state);
	return state;
}

async function runEpoch(input: LoopInput, events: LoopEvents, from: LoopState): Promise<LoopState> {
	const { sequences, options, trainer } = input;
	const batches = epochBatches(
		sequences.map(({ ids }) => ids.length),
		from.epoch + 1,
		options.batch,
	);
	const steps = totalSteps(sequences.length, options);
	const schedule = { ...options.schedule, steps, warmUp: Math.round(options.schedule.warmUp * steps) };
	let state = from;
	let savedAt = events.now();
	for (const batch of batches.slice(from.position)) {
		const learningRate = learningRateAt(state.step, schedule);
		const differentiated = await differentiate(
			trainer,
			batch.map((i) => sequences[i] as TrainingSequence),
			options.part,
			{ epoch: state.epoch + 1, step: state.step + 1, learningRate },
		);
		const isDue = events.now() - savedAt >= options.checkpointEvery;
		// Only now are the weights known to be good: those of the step before may give no finite loss.
		if (isDue || events.signal.aborted) events.saveCheckpoint(state);
		if (events.signal.aborted)
			throw new InterruptedError('Stopped. A checkpoint is saved; the same command continues.');
		if (isDue) savedAt = events.now();
		trainer.update(differentiated, learningRate);
		const { loss } = differentiated;
		state = { ...state, position: state.position + 1, step: state.step + 1, lossSum: state.lossSum + loss };
		events.onStep(state, loss, steps);
		// Serves signals and timers in the middle of long work.
		await setImmediate();
	}
	const complete = { ...state, epoch: state.epoch + 1, position: 0, lossSum: 0 };
	return await examined(input, events, complete, state.lossSum / batches.length);
}

interface Place {
	readonly epoch: number;
	readonly step: number;
	readonly learningRate: number;
}

/** Throws `UserError` for a loss or gradients that are not finite. */
async function differentiate(
	trainer: Trainer,
	batch: readonly TrainingSequence[],
	part: number,
	place: Place,
): Promise<Differentiated> {
	const differentiated = await trainer.differentiate(partsOf(batch, part));
	const { loss, norm } = differentiated;
	if (!Number.isFinite(loss)) throw notFinite(`the loss is ${loss}`, batch, place);
	if (!Number.isFinite(norm)) throw notFinite(`the norm of the gradients is ${norm}`, batch, place);
	return differentiated;
}

/** Returns the batch in parts; sequences of similar length share one. */
export function partsOf(batch: readonly TrainingSequence[], size: number): TrainingSequence[][] {
	if (batch.length <= size) return [[...batch]];
	const sorted = batch.toSorted((a, b) => a.ids.length - b.ids.length);
	return Array.from({ length: Math.ceil(batch.length / size) }, (_, i) => sorted.slice(i * size, (i + 1) * size));
}

function notFinite(what: string, batch: readonly TrainingSequence[], { epoch, step, learningRate }: Place): UserError {
	const ids = batch.map(({ id }) => id);
	return new UserError(
		`training: ${what} at step ${step} (epoch ${epoch}), in the batch of ${ids.length} examples: ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ', …' : ''}. ` +
			`Nothing was changed by this step. ${afterDivergence(learningRate)}`,
	);
}

function afterDivergence(learningRate: number): string {
	return (
		'The last checkpoint and the epochs before are kept. ' +
		`Try a smaller learning rate than ${learningRate.toPrecision(2)}, a longer warm-up, or clipping, with another --out folder.`
	);
}

/** Examines the model, hands out the result and saves a checkpoint. Throws `UserError` where its loss is not finite. */
async function examined(
	{ trainer, sequences, validation, options }: LoopInput,
	events: LoopEvents,
	state: LoopState,
	loss: number | null,
): Promise<LoopState> {
	const exam = await examine(trainer, validation, options.part);
	// Without validation items one sequence tells whether the weights are still good.
	const sign = exam.validationLoss ?? (await scoreOf(trainer, sequences));
	if (!Number.isFinite(sign)) {
		const where = `after epoch ${state.epoch} (step ${state.step})`;
		throw new UserError(`training: ${where} the loss is ${sign}. ${afterDivergence(options.schedule.peak)}`);
	}
	const result: EpochResult = { epoch: state.epoch, step: state.step, loss, ...exam };
	const next = { ...state, results: [...state.results, result] };
	events.saveEpoch(result);
	events.saveCheckpoint(next);
	return next;
}

async function scoreOf(trainer: Pick<Trainer, 'score'>, sequences: readonly TrainingSequence[]): Promise<number> {
	const scores = await trainer.score(sequences.slice(0, 1));
	return scores.flat().reduce((sum, score) => sum - score, 0);
}

/** Returns mean loss of the gold labels and share of items whose most probable label is the gold one. */
export async function examine(
	trainer: Pick<Trainer, 'score'>,
	validation: readonly ValidationItem[],
	part: number,
): Promise<Pick<EpochResult, 'validationLoss' | 'validationAccuracy'>> {
	if (validation.length === 0) return { validationLoss: null, validationAccuracy: null };
	const asked = validation.flatMap(({ candidates }) => candidates);
	const order = asked.map((_, i) => i).toSorted((a, b) => lengthOf(asked, a) - lengthOf(asked, b) || a - b);
	const scores = new Array<number[]>(asked.length);
	for (let start = 0; start < order.length; start += part) {
		const members = order.slice(start, start + part);
		const found = await trainer.score(members.map((i) => asked[i] as WeightedTokens));
		for (const [j, i] of members.entries()) scores[i] = found[j] as number[];
		// Serves signals and timers in the middle of long work.
		await setImmediate();
	}
	let [offset, loss, right, tokens] = [0, 0, 0, 0];
	for (const { candidates, gold } of validation) {
		const own = scores.slice(offset, offset + candidates.length);
		offset += candidates.length;
		const sums = own.map((values) => values.reduce((a, b) => a + b, 0));
		loss -= itemAt(sums, gold);
		tokens += itemAt(own, gold).length;
		if (sums.indexOf(Math.max(...sums)) === gold) right += 1;
	}
	return { validationLoss: loss / tokens, validationAccuracy: right / validation.length };
}

function lengthOf(sequences: readonly WeightedTokens[], i: number): number {
	return itemAt(sequences, i).ids.length;
}

/** Returns how many epochs have passed since the validation loss was lowest. */
function epochsWithoutGain(results: readonly EpochResult[]): number {
	const losses = results.map(({ validationLoss }) => validationLoss ?? Infinity);
	return losses.length === 0 ? 0 : losses.length - 1 - losses.indexOf(Math.min(...losses));
}

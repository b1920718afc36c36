/** Computes the cells of a plan that have no record yet, chunk by chunk, in the order of the plan. */
import { InternalError, InterruptedError } from '../../core/errors.ts';
import { groupBy } from '../../core/groupBy.ts';
import { EngineCrash } from '../../llm/process/engineCrash.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { type CallCache, withCallCache } from './callCache.ts';
import { chunkRecords, type RecordHead, crashedChunk } from '../../explain/chunkRecords.ts';
import type { PlannedSetting } from '../plan/planStudy.ts';
import { asVariant } from '../data/taskVariants.ts';
import { taskFormat } from '../../explain/encodeExample.ts';
import type { StudyRecord } from '../../records/records.ts';
import type { RecordStore } from '../../records/store.ts';
import type { ExplainContext, Phase } from '../../explain/context.ts';
import { cellsOf, type PlannedChunk } from '../../explain/chunk.ts';
import type { ModelSource } from '../models/modelSource.ts';

/** Where a run stands. */
export interface Progress {
	readonly model: string;
	readonly dataset: string;
	/** Of fine-tuning; null for a model that is not fine-tuned. */
	readonly epoch: number | null;
	/** Examples of this model and dataset whose records are on disk, and all of them; in the phase `summary` steps. */
	readonly done: number;
	readonly total: number;
	/** The same over all epochs of this model and dataset, where it is studied epoch by epoch. */
	readonly epochs?: { readonly done: number; readonly total: number };
	/** `open`: the model is being loaded; `done`: a chunk is on disk; `summary`: all are, the figures are worked out. */
	readonly phase: Phase | 'open' | 'done' | 'summary';
}

export interface RunOptions {
	readonly plan: readonly PlannedSetting[];
	readonly store: RecordStore;
	readonly source: ModelSource;
	/** What models said before; left out, everything is asked. */
	readonly calls?: () => Promise<CallCache>;
	readonly onProgress: (progress: Progress) => void;
	/** Aborting ends the run at once; the chunk under way is lost, all earlier ones are on disk. */
	readonly signal: AbortSignal;
}

/**
 * Computes and appends what is missing and returns the number of records added. A model is opened only where it has
 * something to do. A chunk of which some records are there is computed as a whole, so that its batches, and with them
 * its numbers, are those of an undisturbed run; only the missing records are appended.
 * @throws InterruptedError once aborted.
 */
export async function runPlan(options: RunOptions): Promise<number> {
	let added = 0;
	for (const group of byModel(options.plan)) {
		const settings = group.filter(({ chunks }) => chunks.some((chunk) => isMissing(options.store, chunk)));
		const [first] = settings;
		if (first === undefined) continue;
		throwIfStopped(options.signal);
		const total = first.dataset.examples.length;
		options.onProgress({
			model: first.model.id,
			dataset: first.dataset.id,
			epoch: first.epoch,
			done: 0,
			total,
			phase: 'open',
		});
		await withModel(options, first.model, async (model) => {
			for (const setting of settings) added += await runSetting(options, setting, model);
		});
	}
	return added;
}

function byModel(plan: readonly PlannedSetting[]): PlannedSetting[][] {
	const groups = groupBy(plan, ({ model, epoch }) => JSON.stringify([model.id, epoch, model.identity]));
	return [...groups.values()];
}

/** Closes the model afterwards, and at once when the run is stopped, which ends a call under way. */
async function withModel(
	{ source, calls, signal }: RunOptions,
	entry: PlannedSetting['model'],
	action: (model: LanguageModel) => Promise<void>,
): Promise<void> {
	const model = await openUnlessStopped(source, entry, signal);
	let closing: Promise<void> | null = null;
	const close = (): Promise<void> => (closing ??= model.close());
	const stop = (): void => void close();
	signal.addEventListener('abort', stop);
	try {
		if (model.identity !== entry.identity) {
			throw new InternalError(`model "${entry.id}" was planned as ${entry.identity} and opened as ${model.identity}`);
		}
		await action(calls === undefined ? model : withCallCache(model, await calls()));
	} catch (error) {
		throwIfStopped(signal);
		throw error;
	} finally {
		signal.removeEventListener('abort', stop);
		await close();
	}
}

async function openUnlessStopped(
	source: ModelSource,
	entry: PlannedSetting['model'],
	signal: AbortSignal,
): Promise<LanguageModel> {
	try {
		return await source.open(entry, signal);
	} catch (error) {
		throwIfStopped(signal);
		throw error;
	}
}

/** Returns how many records were added. */
async function runSetting(options: RunOptions, setting: PlannedSetting, model: LanguageModel): Promise<number> {
	const { store, signal } = options;
	const { dataset, variant, settings } = setting;
	const missing = setting.chunks.filter((chunk) => isMissing(store, chunk));
	let done = dataset.examples.length - countExamples(missing);
	let added = 0;
	const others = setting.epoch === null ? null : examplesOfEpochs(options, setting);
	const report = (phase: Progress['phase']): void =>
		options.onProgress({
			model: model.id,
			dataset: dataset.id,
			epoch: setting.epoch,
			done,
			total: dataset.examples.length,
			phase,
			...(others && { epochs: { done: others.done + done, total: others.total + dataset.examples.length } }),
		});
	const context: ExplainContext = {
		model,
		settings,
		format: await taskFormat(model, dataset.task),
		meanShare: dataset.meanShare,
		step: (phase) => {
			throwIfStopped(signal);
			report(phase);
		},
	};
	const head = { model: setting.model.id, dataset: dataset.id, split: dataset.split, epoch: setting.epoch };
	for (const chunk of missing) {
		const computed = await computeOrSkip(context, head, chunk);
		const records = variant === undefined ? computed : computed.flatMap((record) => asVariant(variant, record));
		const open = records.filter(({ cell }) => isOpen(store, cell));
		await store.append(open);
		added += open.length;
		done += chunk.examples.length;
		report('done');
	}
	return added;
}

/** Returns the examples of the other epochs of a setting, and how many of them are on disk. */
function examplesOfEpochs({ plan, store }: RunOptions, setting: PlannedSetting): { done: number; total: number } {
	const { model, dataset, variant } = setting;
	const others = plan.filter(
		(other) =>
			other !== setting && other.model.id === model.id && other.dataset.id === dataset.id && other.variant === variant,
	);
	const total = others.reduce((sum, other) => sum + other.dataset.examples.length, 0);
	const missing = others.map(({ chunks }) => countExamples(chunks.filter((chunk) => isMissing(store, chunk))));
	return { done: total - missing.reduce((sum, count) => sum + count, 0), total };
}

/** A crash of the engine costs one chunk at most: it is tried a second time, then its examples are skipped by that reason until the next run. */
async function computeOrSkip(context: ExplainContext, head: RecordHead, chunk: PlannedChunk): Promise<StudyRecord[]> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await chunkRecords(context, head, chunk);
		} catch (error) {
			if (!(error instanceof EngineCrash)) throw error;
			if (attempt === 2) return crashedChunk(context.settings, head, chunk, error.message);
		}
	}
}

function isMissing(store: RecordStore, chunk: PlannedChunk): boolean {
	return cellsOf(chunk).some((cell) => isOpen(store, cell));
}

/** Whether a cell has no record, or one of a crash that may not come again: memory can be freed, a device changed. */
function isOpen({ records }: RecordStore, cell: string): boolean {
	return records.get(cell)?.crashed ?? !records.has(cell);
}

function countExamples(chunks: readonly PlannedChunk[]): number {
	return chunks.reduce((sum, { examples }) => sum + examples.length, 0);
}

/** @throws InterruptedError once aborted. */
export function throwIfStopped(signal: AbortSignal): void {
	if (signal.aborted) throw new InterruptedError('Stopped. What was computed is kept; the same command continues.');
}

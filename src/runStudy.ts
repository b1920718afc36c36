/** A whole study: study file in, records, summary and report out. */
import { join, resolve } from 'node:path';
import { InternalError } from './core/errors.ts';
import type { BadRow } from './core/badRow.ts';
import { maskingsUnder } from './evaluation/faithfulness/measures.ts';
import { metricDeclarations } from './evaluation/metrics.ts';
import { promptTexts } from './prompts/prompts.ts';
import { type MaskingId, maskings } from './rationales/masking.ts';
import { methods } from './rationales/methods.ts';
import { renderReport } from './report/report.ts';
import type { ReportInput } from './report/reportInput.ts';
import { tableFiles } from './report/tables/writeTables.ts';
import { writeAtomically } from './files/atomicWrite.ts';
import { type CallCache, openCallCache } from './study/run/callCache.ts';
import { type ConfigChanges, loadConfig, type StudyConfig } from './study/config/studyFile.ts';
import { runTrainings, type TrainingEvents, tunedModels } from './study/run/finetuneStudy.ts';
import { type LoadedDataset, loadDataset } from './study/data/loadDataset.ts';
import { outputError } from './files/outputErrors.ts';
import { type PlannedSetting, planStudy } from './study/plan/planStudy.ts';
import type { StudyRecord } from './records/records.ts';
import { resolvedStudyText, tuningsOf } from './study/plan/resolvedStudy.ts';
import { type Progress, runPlan, throwIfStopped } from './study/run/runPlan.ts';
import { requireVariants, sensitivityNotes, variantsOf } from './study/data/taskVariants.ts';
import { openRecordStore, type RecordStore } from './records/store.ts';
import { type SummarySetting, summarise } from './summary/summarise.ts';
import { type LeftOut, withUsableModels } from './study/models/usableModels.ts';
import { cellsOf } from './explain/chunk.ts';
import { summaryText } from './records/summaryFile.ts';
import { rationaleSettings } from './study/config/rationaleSettings.ts';
import type { ModelSource } from './study/models/modelSource.ts';
import { selectionNotes, recordNotes } from './study/run/notes.ts';
import { sensitivityRows } from './summary/sensitivityRows.ts';

export interface StudyOptions {
	/** The study file. */
	readonly path: string;
	/** What is read in place of the file's own models and data. */
	readonly changes?: ConfigChanges;
	/** The output folder; created when absent, continued when it holds records. */
	readonly out: string;
	readonly source: ModelSource;
	/** Version by name of program, for `study.yaml` and the report. */
	readonly versions: Readonly<Record<string, string>>;
	readonly onProgress?: (progress: Progress) => void;
	/** What is told while models are fine-tuned, where the study asks for it. */
	readonly onTraining?: Partial<Omit<TrainingEvents, 'signal'>>;
	/** Aborting ends the run with `InterruptedError`; what was computed stays. */
	readonly signal?: AbortSignal;
}

export interface StudyResult {
	/** What the report and the terminal table are made from. */
	readonly input: ReportInput;
	/** Records that this run added; 0 when the study was finished before. */
	readonly added: number;
	/** Files that this run wrote or changed, `records.jsonl` left out. */
	readonly written: readonly string[];
	/** What the reader should know, in words: what was mended, left out, or had been done before. */
	readonly notes: readonly string[];
}

/**
 * Runs what the output folder does not hold yet and writes `study.yaml`, `summary.json`, `report.html` and the tables; a finished
 * study is left as it is, and no model is opened.
 * @throws UserError for what the user can mend, InterruptedError when stopped; records on disk stay in both cases.
 */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
	const whole = await loadConfig(options.path, options.changes);
	const { config, leftOut } = withUsableModels(whole, options.source);
	const datasets: LoadedDataset[] = [];
	for (const entry of config.datasets) datasets.push(await loadDataset(entry, config.seed));
	const store = await openRecordStore(options.out);
	try {
		return await runInFolder(options, { whole, config, leftOut }, datasets, store);
	} finally {
		await store.close();
	}
}

interface Usable {
	/** As the study file says. */
	readonly whole: StudyConfig;
	/** Without the models that are left out. */
	readonly config: StudyConfig;
	readonly leftOut: readonly LeftOut[];
}

async function runInFolder(
	options: StudyOptions,
	{ whole, config, leftOut }: Usable,
	loaded: readonly LoadedDataset[],
	store: RecordStore,
): Promise<StudyResult> {
	const { out, source, versions, onProgress = () => undefined, signal = new AbortController().signal } = options;
	const settings = rationaleSettings(config);
	const datasets = loaded.map(({ dataset }) => dataset);
	const trainings = await runTrainings({ config, datasets: loaded, source, out }, trainingEvents(options, signal));
	const variants = variantsOf(config, loaded);
	requireVariants(config, variants);
	const plan = await planStudy({
		...{ models: config.models, datasets, settings, batch: config.batch, source },
		tuned: tunedModels(trainings),
		variants,
	});
	const configText = resolvedStudyText({
		...{ config: whole, plan: plan.filter(isUsual), versions, folder: resolve(out) },
		tunings: await tuningsOf(config, source),
	});
	const output = outputIn(out, store);
	await output.write('study.yaml', configText);
	let opened: Promise<CallCache> | null = null;
	const calls = (): Promise<CallCache> => (opened ??= openCallCache(out));
	const added = await runPlan({ plan, settings, store, source, calls, onProgress, signal });
	const badRows = distinct([...loaded, ...trainings].flatMap((data) => data.badRows));
	const models = await describedModels(config, source);
	const onSummary = (done: number, total: number): void => {
		throwIfStopped(signal);
		const last = plan.at(-1);
		if (last === undefined) return;
		const { model, dataset, epoch } = last;
		onProgress({ model: model.id, dataset: dataset.id, epoch, done, total, phase: 'summary' });
	};
	const input = await reportInput({ config, plan, store, models, leftOut, versions, configText, badRows }, onSummary);
	await output.write('summary.json', summaryText(input.summary));
	await output.write('report.html', renderReport(input));
	for (const [name, text] of Object.entries(tableFiles(input))) await output.write(name, text);
	const notes = [
		...store.notes,
		...leftOut.map(({ id, reason }) => `${id} is left out: ${reason}`),
		...loaded.flatMap((dataset) => dataset.notes),
		...selectionNotes(config, datasets),
		...sensitivityNotes(config, loaded),
		...recordNotes(store, plan, added),
		...(source.notes?.() ?? []),
	];
	return { input, added, written: output.written, notes };
}

/** Several models learn from the same rows. */
function distinct(badRows: readonly BadRow[]): BadRow[] {
	return [...new Map(badRows.map((row) => [JSON.stringify(row), row])).values()];
}

function trainingEvents({ onTraining = {} }: StudyOptions, signal: AbortSignal): TrainingEvents {
	const nothing = (): void => undefined;
	return { onPlan: nothing, onStep: nothing, onEpoch: nothing, ...onTraining, signal };
}

/** Writes files of the output folder and remembers which of them changed. */
function outputIn(folder: string, { records }: RecordStore) {
	const written: string[] = [];
	return {
		written,
		write: async (name: string, text: string): Promise<void> => {
			const path = join(folder, name);
			try {
				if (await writeAtomically(path, text)) written.push(path);
			} catch (error) {
				throw outputError(error, path, records.size);
			}
		},
	};
}

interface Finished {
	readonly config: StudyConfig;
	readonly plan: readonly PlannedSetting[];
	readonly store: RecordStore;
	readonly models: ReportInput['study']['models'];
	readonly leftOut: readonly LeftOut[];
	readonly versions: Readonly<Record<string, string>>;
	readonly configText: string;
	readonly badRows: readonly BadRow[];
}

/** True for a setting that asks the task as it is. */
function isUsual({ variant }: PlannedSetting): boolean {
	return variant === undefined;
}

async function describedModels({ models }: StudyConfig, source: ModelSource): Promise<ReportInput['study']['models']> {
	return await Promise.all(models.map(async (model) => ({ id: model.id, description: await source.describe(model) })));
}

/** `onSummary` is told how many settings are done of all. */
async function reportInput(finished: Finished, onSummary: (done: number, total: number) => void): Promise<ReportInput> {
	const { config, plan, store, models, leftOut, versions, configText, badRows } = finished;
	const usual = plan.filter(isUsual);
	const sensitivity = sensitivityRows(plan, store.records);
	const settings = usual.map((setting) => summarySetting(setting, store));
	const { study, seed, bootstrap } = config;
	const options = {
		...{ study, seed, resamples: bootstrap.resamples },
		...{ methods: config.methods, selections: config.selections, maskings: config.maskings },
		measures: config.faithfulness,
	};
	onSummary(0, settings.length);
	const found = await summarise(settings, options, (done) => onSummary(done, settings.length));
	const { summary: figures, verdicts, answerRates } = found;
	const summary = sensitivity.length === 0 ? figures : { ...figures, sensitivity };
	const datasets = new Map(usual.map(({ dataset }) => [dataset.id, dataset]));
	return {
		study: {
			...{ name: study, startedWith: versions, seed, configText },
			prompts: promptTexts().map(({ id, wording }) => ({ id, text: wording })),
			maskings: maskingsUnder(config.maskings, config.faithfulness).map((id) => ({ id, title: maskingTitle(id) })),
			models,
			modelsLeftOut: leftOut,
			datasets: [...datasets.values()].map(({ id, title, examples }) => ({ id, title, n: examples.length })),
			methods: config.methods.map((id) => methods[id].declaration),
			metrics: metricDeclarations().filter(({ id }) => summary.rows.some(({ metric }) => metric === id)),
		},
		...{ summary, verdicts, answerRates, badRows },
		records: settings.flatMap(({ records }) => records),
	};
}

function maskingTitle(id: string): string {
	return isMaskingId(id)
		? maskings[id].title
		: 'dimensions of the words’ embeddings are dropped at random, by the scores';
}

function isMaskingId(id: string): id is MaskingId {
	return Object.hasOwn(maskings, id);
}

/** Returns a setting with its records in the order of the plan; records of other studies are left out. */
function summarySetting({ model, epoch, dataset, chunks }: PlannedSetting, { records }: RecordStore): SummarySetting {
	const own = chunks.flatMap(cellsOf).map((cell): StudyRecord => {
		const record = records.get(cell);
		if (record === undefined) throw new InternalError(`cell ${cell} has no record`);
		return record;
	});
	return { model: model.id, dataset: dataset.id, split: dataset.split, epoch, task: dataset.task, records: own };
}

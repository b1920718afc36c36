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
import { writeChanged } from './files/atomicWrite.ts';
import { type CallCache, openCallCache } from './study/run/callCache.ts';
import type { StudyConfig } from './study/config/studyFile.ts';
import { stampStudy } from './finishedStudy.ts';
import { runTrainings, type TrainingEvents, tunedModels } from './study/run/finetuneStudy.ts';
import { outputError } from './files/outputErrors.ts';
import { type PlannedSetting, planStudy } from './study/plan/planStudy.ts';
import type { StudyRecord } from './records/records.ts';
import { resolvedStudyText, tuningsOf } from './study/plan/resolvedStudy.ts';
import { requireOwnFolder } from './study/run/ownFolder.ts';
import { type Progress, runPlan, throwIfStopped } from './study/run/runPlan.ts';
import { requireVariants, sensitivityNotes, type Variant, variantsOf } from './study/data/taskVariants.ts';
import { openRecordStore, type RecordStore } from './records/store.ts';
import { type SummarySetting, summarise } from './summary/summarise.ts';
import type { TunedModels } from './study/models/tunedModels.ts';
import type { LeftOut } from './study/models/usableModels.ts';
import { type OpenedStudy, openStudy, type StudyFile } from './study/openStudy.ts';
import { cellsOf } from './explain/chunk.ts';
import { summaryText } from './records/summaryFile.ts';
import { rationaleSettings } from './study/config/rationaleSettings.ts';
import type { ModelSource } from './study/models/modelSource.ts';
import { selectionNotes, recordNotes } from './study/run/notes.ts';
import { type AskedSetting, sensitivityRows } from './summary/sensitivityRows.ts';

export interface StudyOptions extends StudyFile {
	/** The output folder; created when absent, continued when it holds records. */
	readonly out: string;
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
	const study = await openStudy(options);
	const variants = variantsOf(study.config, study.loaded);
	requireVariants(study.config, variants);
	await requireOwnFolder(options.out, options.path, study.config.study);
	const store = await openRecordStore(options.out);
	try {
		return await runInFolder(options, { ...study, variants }, store);
	} finally {
		await store.close();
	}
}

type StudyWithVariants = OpenedStudy & { readonly variants: ReadonlyMap<string, readonly Variant[]> };

async function runInFolder(options: StudyOptions, study: StudyWithVariants, store: RecordStore): Promise<StudyResult> {
	const { out, source, versions, signal = new AbortController().signal } = options;
	const { whole, config, leftOut, loaded } = study;
	const events = trainingEvents(options, signal);
	const trainings = await runTrainings({ config, datasets: loaded, source, out }, events);
	const plan = await planOf(study, tunedModels(trainings), source);
	const configText = resolvedStudyText({
		config: whole,
		plan: plan.filter(asksTheTaskItself),
		versions,
		folder: resolve(out),
		tunings: await tuningsOf(config, source),
	});
	const output = outputIn(out, store);
	const writeStudy = async (): Promise<void> => output.write('study.yaml', configText);
	const added = await computeRecords(options, plan, announced(store, writeStudy), signal);
	await writeStudy();
	const badRows = distinct([...loaded, ...trainings].flatMap((data) => data.badRows));
	const models = await describedModels(config, source);
	const finished = { config, plan, store, models, leftOut, versions, configText, badRows };
	const input = await reportInput(finished, summaryProgress(options, plan, signal));
	await output.write('summary.json', summaryText(input.summary));
	await output.write('report.html', renderReport(input));
	for (const [name, text] of Object.entries(tableFiles(input))) await output.write(name, text);
	const { lasting, now } = runNotes(study, { plan, store, added, source });
	// Texts over which the engine crashed are tried again by the next run.
	const isFinished = !input.records.some(({ crashed }) => crashed);
	if (isFinished) await stampStudy(study, options, { input, notes: lasting });
	return { input, added, written: output.written, notes: [...lasting, ...now] };
}

/** Whose records they are stands in the folder before the first of them; a run that ends without any leaves nothing. */
function announced(store: RecordStore, announce: () => Promise<void>): RecordStore {
	let done: Promise<void> | null = null;
	return {
		...store,
		append: async (records) => {
			await (done ??= announce());
			await store.append(records);
		},
	};
}

async function planOf(
	{ config, loaded, variants }: StudyWithVariants,
	tuned: TunedModels,
	source: ModelSource,
): Promise<PlannedSetting[]> {
	return planStudy({
		models: config.models,
		datasets: loaded.map(({ dataset }) => dataset),
		settingsOf: (dataset) => rationaleSettings(config, dataset),
		batch: config.batch,
		source,
		tuned,
		variants,
	});
}

/** Returns how many records were added to those that the folder held. */
async function computeRecords(
	{ out, source, onProgress = () => undefined }: StudyOptions,
	plan: readonly PlannedSetting[],
	store: RecordStore,
	signal: AbortSignal,
): Promise<number> {
	let opened: Promise<CallCache> | null = null;
	const calls = (): Promise<CallCache> => (opened ??= openCallCache(out, () => store.records.size));
	return runPlan({ plan, store, source, calls, onProgress, signal });
}

/** Returns what is told while figures are worked out; it throws once the run is stopped. */
function summaryProgress(
	{ onProgress = () => undefined }: StudyOptions,
	plan: readonly PlannedSetting[],
	signal: AbortSignal,
): (done: number, total: number) => void {
	return (done, total) => {
		throwIfStopped(signal);
		const last = plan.at(-1);
		if (last === undefined) return;
		const { model, dataset, epoch } = last;
		onProgress({ model: model.id, dataset: dataset.id, epoch, done, total, phase: 'summary' });
	};
}

interface DoneRun {
	readonly plan: readonly PlannedSetting[];
	readonly store: RecordStore;
	readonly added: number;
	readonly source: ModelSource;
}

/** Returns what holds for the study as long as nothing changes, and what this run found. */
function runNotes({ config, leftOut, loaded }: OpenedStudy, { plan, store, added, source }: DoneRun) {
	const datasets = loaded.map(({ dataset }) => dataset);
	const lasting = [
		...leftOut.map(({ id, reason }) => `${id} is left out: ${reason}`),
		...loaded.flatMap(({ notes }) => notes),
		...selectionNotes(config, datasets),
		...sensitivityNotes(config, loaded),
	];
	return { lasting, now: [...store.notes, ...recordNotes(store, plan, added), ...(source.notes?.() ?? [])] };
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
				if (await writeChanged(path, text)) written.push(path);
			} catch (error) {
				throw outputError(error, path, records.size);
			}
		},
	};
}

interface FinishedRun {
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
function asksTheTaskItself({ variant }: PlannedSetting): boolean {
	return variant === undefined;
}

async function describedModels({ models }: StudyConfig, source: ModelSource): Promise<ReportInput['study']['models']> {
	return await Promise.all(models.map(async (model) => ({ id: model.id, description: await source.describe(model) })));
}

/** `onSummary` is told how many steps are done of all. */
async function reportInput(
	finished: FinishedRun,
	onSummary: (done: number, total: number) => void,
): Promise<ReportInput> {
	const { config, plan, store, models, leftOut, versions, configText, badRows } = finished;
	const usual = plan.filter(asksTheTaskItself);
	const sensitivity = sensitivityRows(plan.map(askedSetting), store.records);
	const settings = usual.map((setting) => summarySetting(setting, store));
	const { study, seed, bootstrap } = config;
	const options = {
		study,
		seed,
		resamples: bootstrap.resamples,
		methods: config.methods,
		maskings: config.maskings,
		measures: config.faithfulness,
	};
	onSummary(0, settings.length);
	const found = await summarise(settings, options, onSummary);
	const { summary: figures, verdicts, answerRates } = found;
	const summary = sensitivity.length === 0 ? figures : { ...figures, sensitivity };
	const datasets = new Map(usual.map(({ dataset }) => [dataset.id, dataset]));
	return {
		study: {
			name: study,
			startedWith: versions,
			seed,
			configText,
			prompts: promptTexts().map(({ id, wording }) => ({ id, text: wording })),
			maskings: maskingsUnder(config.maskings, config.faithfulness).map((id) => ({ id, title: maskingTitle(id) })),
			models,
			modelsLeftOut: leftOut,
			datasets: [...datasets.values()].map(({ id, title, examples }) => ({ id, title, n: examples.length })),
			methods: config.methods.map((id) => methods[id].declaration),
			metrics: metricDeclarations().filter(({ id }) => summary.rows.some(({ metric }) => metric === id)),
		},
		summary,
		verdicts,
		answerRates,
		badRows,
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

function askedSetting({ model, epoch, dataset, chunks, variant }: PlannedSetting): AskedSetting {
	const examples = chunks.flatMap((chunk) => chunk.examples);
	const predictions = examples.map(({ example, cell }) => ({ example: example.id, cell }));
	return { model, epoch, dataset, predictions, ...(variant === undefined ? {} : { variant }) };
}

/** Returns a setting with its records in the order of the plan; records of other studies are left out. */
function summarySetting(planned: PlannedSetting, { records }: RecordStore): SummarySetting {
	const { model, epoch, dataset, chunks, settings } = planned;
	const own = chunks.flatMap(cellsOf).map((cell): StudyRecord => {
		const record = records.get(cell);
		if (record === undefined) throw new InternalError(`cell ${cell} has no record`);
		return record;
	});
	const { id, split, task } = dataset;
	return { model: model.id, dataset: id, split, epoch, task, selections: settings.selections, records: own };
}

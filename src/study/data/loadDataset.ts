/** From an entry of the study file to examples and task. */
import { basename, isAbsolute } from 'node:path';
import { UserError, unknownName } from '../../core/errors.ts';
import { annotatedWords, type Example, exampleWords } from '../../core/example.ts';
import { itemAt, lastOf } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { BadRow } from '../../core/badRow.ts';
import { badRowsError, inFileOrder } from '../../datasets/badRows.ts';
import { datasetNamed } from '../../datasets/datasets.ts';
import type { PublishedDataset } from '../../datasets/published/publishedDataset.ts';
import { publishedNamed } from '../../datasets/published/publishedDatasets.ts';
import { stratifiedSample } from '../../datasets/sample.ts';
import { readTable, type Table } from '../../datasets/table.ts';
import type { TableSpec } from '../../datasets/tableSpec.ts';
import { meanAnnotatedShare } from '../../rationales/selection.ts';
import { type DatasetEntry, pullName } from '../config/datasetEntry.ts';
import { drawDemonstrations } from './demonstrations.ts';
import { annotatedOf } from '../../explain/settings.ts';
import { bundledTaskPath, loadTaskFile, type TaskFile, type Wording } from '../config/taskFile.ts';
import type { StudyDataset } from './studyDataset.ts';

export interface LoadedDataset {
	readonly dataset: StudyDataset;
	readonly badRows: readonly BadRow[];
	/** What the reader should know of the data, in words. */
	readonly notes: readonly string[];
	/** Other ways to ask the same, for the sensitivity check. */
	readonly wordings: readonly Wording[];
	/** Returns the task with its answers listed in another order; null for a task without a file. */
	readonly inOrder: TaskFile['inOrder'] | null;
}

/**
 * Returns the examples of an entry; a limit draws them by the seed. The mean share of annotated words is that of the
 * whole split, so that it does not depend on the limit.
 * @throws UserError for a split, file, column or label that does not exist, or bad rows where these are to stop the study.
 */
export async function loadDataset(entry: DatasetEntry, seed: number): Promise<LoadedDataset> {
	if (entry.format !== undefined) return loadPublished(entry, publishedNamed(entry.format, 'datasets'), seed);
	return entry.file === undefined ? loadBundled(entry, seed) : loadFile(entry, entry.file, seed);
}

function loadBundled({ id, split = 'test', limit, fewShot }: DatasetEntry, seed: number): LoadedDataset {
	const bundled = datasetNamed(id, 'datasets');
	const all = bundled.load(split, { seed });
	const shots =
		fewShot === undefined ? [] : drawDemonstrations(bundled.load(fewShot.split, { seed }), all, fewShot, seed);
	const task = shots.length === 0 ? bundled.task : { ...bundled.task, demonstrations: shots };
	const head = { id, split, title: bundled.title, task };
	return { dataset: studyDataset(head, all, limit, seed), badRows: [], notes: [], wordings: [], inOrder: null };
}

const ADVICE = 'Leave them out with "onBadRow: skip", or mend the file.';

async function loadPublished(entry: DatasetEntry, published: PublishedDataset, seed: number): Promise<LoadedDataset> {
	const path = pathOf(entry, entry.path);
	const { id, title = published.title, split = lastOf(published.splits), limit, fewShot } = entry;
	const { examples, notes, ...read } = await published.read(path, split);
	const shown = fewShot === undefined ? null : await published.read(path, fewShot.split);
	const badRows = [...inFileOrder(read.badRows), ...inFileOrder(shown?.badRows ?? [])];
	if (badRows.length > 0 && entry.onBadRow !== 'skip') throw badRowsError(path, badRows, ADVICE);
	if (examples.length === 0) {
		throw new UserError(`datasets (${id}): the split "${split}" of ${path} has no example that can be used.`);
	}
	const { task, wordings, inOrder } = await taskFileOf(entry, published, examples);
	const shots =
		fewShot === undefined || shown === null ? [] : drawDemonstrations(shown.examples, examples, fewShot, seed);
	const withShots = <T extends Task>(own: T): T => (shots.length === 0 ? own : { ...own, demonstrations: shots });
	return {
		dataset: studyDataset({ id, title, split, task: withShots(task) }, examples, limit, seed),
		badRows,
		notes: notes.map((note) => `${id}: ${note}.`),
		wordings: wordings.map((wording) => ({ id: wording.id, task: withShots(wording.task) })),
		inOrder: (labels) => withShots(inOrder(labels)),
	};
}

/** Returns the path of an entry's data. Throws a `UserError` that says how to get data that is not here. */
function pathOf(entry: DatasetEntry, path: string | undefined): string {
	if (path !== undefined && isAbsolute(path)) return path;
	throw new UserError(
		`datasets (${entry.id}): its files are not here. "rationale pull ${pullName(entry)}" fetches them; or give the folder in which ` +
			'they lie as "path".',
	);
}

/** Returns the task of a published dataset: that of its own file, or another one about the same segments and labels. */
async function taskFileOf(
	{ id, task: asked }: DatasetEntry,
	published: PublishedDataset,
	examples: readonly Example[],
): Promise<TaskFile> {
	const segments = itemAt(examples, 0).segments.map(({ name }) => name);
	if (asked?.sameAs !== undefined || asked?.instruction !== undefined) {
		throw new UserError(`datasets (${id}).task: a published dataset takes a task file, for example "./my-task.yaml".`);
	}
	const file = await loadTaskFile(asked?.file ?? bundledTaskPath(published.task));
	const { labels, segmentTitles } = file.task;
	const where = asked?.file ?? `tasks/${published.task}.yaml`;
	for (const label of new Set(examples.flatMap((example) => example.label ?? []))) {
		requireKnown(where, 'label (of the data)', [label], labels);
	}
	requireKnown(where, 'segment (of the data)', segments, Object.keys(segmentTitles));
	requireKnown(where, 'segment', Object.keys(segmentTitles), segments);
	return file;
}

async function loadFile(entry: DatasetEntry, file: TableSpec, seed: number): Promise<LoadedDataset> {
	const { id, title = basename(file.path), split = 'all', limit, onBadRow = 'stop' } = entry;
	pathOf(entry, file.path);
	checkSegments(entry, Object.keys(file.segments));
	const own = entry.task?.file === undefined ? null : await loadTaskFile(entry.task.file);
	if (own !== null) checkTitles(entry, own.task, Object.keys(file.segments));
	const labels = own?.task.labels ?? asked(entry)?.labels ?? file.labels;
	const table = await readTable(labels === undefined ? file : { ...file, labels: [...labels] }, { seed, onBadRow });
	const task = own?.task ?? taskOf(entry, file, table);
	const notes =
		table.annotationsLeftOut === 0
			? []
			: [
					`${id}: ${table.annotationsLeftOut} annotations give another label than most for their text and are left out.`,
				];
	return {
		dataset: studyDataset({ id, title, split, task }, table.examples, limit, seed),
		badRows: table.badRows,
		notes,
		wordings: own?.wordings ?? [],
		inOrder: own?.inOrder ?? null,
	};
}

function studyDataset(
	head: Pick<StudyDataset, 'id' | 'title' | 'split' | 'task'>,
	all: readonly Example[],
	limit: number | undefined,
	seed: number,
): StudyDataset {
	return {
		...head,
		examples: stratifiedSample(all, limit, seed),
		meanShare: meanAnnotatedShare(all.map(annotationOf)),
	};
}

function annotationOf(example: Example): { annotated: readonly number[] | null; wordCount: number } {
	const annotations = example.annotations.map((annotation) => annotatedWords(example, annotation));
	return { annotated: annotatedOf(annotations), wordCount: exampleWords(example).length };
}

/** Returns the labels that the study file gives for a task, null where it leaves them to the data. */
function asked({ task }: DatasetEntry): { labels: readonly string[] } | null {
	if (task?.sameAs !== undefined) return datasetNamed(task.sameAs, 'task.sameAs').task;
	return task?.labels === undefined ? null : { labels: task.labels };
}

/** A bundled task asks about its own segments only; titles are for the segments of the file. */
function checkSegments({ id, task }: DatasetEntry, segments: readonly string[]): void {
	const titles = Object.keys(task?.segmentTitles ?? {});
	requireKnown(`datasets (${id}).task.segmentTitles`, 'segment', titles, segments);
	if (task?.sameAs === undefined) return;
	const asked = Object.keys(datasetNamed(task.sameAs, 'task.sameAs').task.segmentTitles);
	requireKnown(`datasets (${id}).file.segments`, 'segment', segments, asked);
}

/** A task file asks about the segments of the file, all of them. */
function checkTitles({ id }: DatasetEntry, { segmentTitles }: Task, segments: readonly string[]): void {
	requireKnown(`datasets (${id}).file.segments`, 'segment', segments, Object.keys(segmentTitles));
	requireKnown(`datasets (${id}).task.file`, 'segment', Object.keys(segmentTitles), segments);
}

function taskOf({ id, task }: DatasetEntry, file: TableSpec, table: Table): Task {
	if (task?.sameAs !== undefined) return datasetNamed(task.sameAs, 'task.sameAs').task;
	const labels = task?.labels ?? table.labels;
	if (labels.length < 2) {
		throw new UserError(
			`datasets (${id}): a task needs at least two labels, got ${labels.join(', ') || 'none'}. Add "labels" to its task.`,
		);
	}
	const { instruction = '', verbalizers = {}, segmentTitles = {} } = task ?? {};
	requireKnown(`datasets (${id}).task.verbalizers`, 'label', Object.keys(verbalizers), labels);
	return {
		id,
		instruction,
		segmentTitles: Object.fromEntries(
			Object.keys(file.segments).map((name) => [name, segmentTitles[name] ?? capitalised(name)]),
		),
		labels,
		verbalizers: verbalizersOf(id, labels, verbalizers),
	};
}

function verbalizersOf(
	id: string,
	labels: readonly string[],
	given: Readonly<Record<string, string>>,
): Record<string, string> {
	const all = Object.fromEntries(labels.map((label) => [label, given[label] ?? label]));
	const answers = Object.values(all);
	const twice = answers.find((answer, i) => answers.indexOf(answer) !== i);
	if (twice === undefined) return all;
	throw new UserError(`datasets (${id}).task.verbalizers: "${twice}" stands for two labels. Give each its own answer.`);
}

function requireKnown(where: string, kind: string, names: readonly string[], known: readonly string[]): void {
	const strange = names.find((name) => !known.includes(name));
	if (strange !== undefined) throw unknownName(where, kind, strange, known);
}

function capitalised(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

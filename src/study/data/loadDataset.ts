/** From an entry of the study file to examples and task. */
import { existsSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { annotatedWords, countWords, type Example } from '../../core/example.ts';
import { lastOf } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import type { BadRow } from '../../core/badRow.ts';
import { badRowsError, inFileOrder } from '../../datasets/badRows.ts';
import { datasetNamed } from '../../datasets/datasets.ts';
import type { PublishedDataset } from '../../datasets/published/publishedDataset.ts';
import { publishedNamed } from '../../datasets/published/publishedDatasets.ts';
import { stratifiedSample } from '../../datasets/sample.ts';
import { readTable } from '../../datasets/table.ts';
import type { TableSpec } from '../../datasets/tableSpec.ts';
import { meanAnnotatedShare } from '../../rationales/selection.ts';
import { type DatasetEntry, pullName } from '../config/datasetEntry.ts';
import type { ExampleSource } from '../config/exampleSource.ts';
import { drawDemonstrations } from './demonstrations.ts';
import { annotatedOf } from '../../explain/settings.ts';
import type { TaskFile, Wording } from '../config/taskFile.ts';
import {
	bundledTask,
	checkSegments,
	type EntryPlace,
	givenTask,
	requireKnown,
	taskOfPublished,
	taskOfTable,
	withSegmentsOf,
} from './datasetTask.ts';
import { isSameData, sourceEntry } from './sourceEntry.ts';
import type { StudyDataset } from './studyDataset.ts';

export interface LoadedDataset {
	readonly dataset: StudyDataset;
	readonly badRows: readonly BadRow[];
	/** What the reader should know of the data, in words. */
	readonly notes: readonly string[];
	/** Other ways to ask the same, for the sensitivity check. */
	readonly wordings: readonly Wording[];
	/** Returns the task with its answers listed in another order; null for one that does not list them. */
	readonly inOrder: TaskFile['inOrder'] | null;
}

/** Returns a place that says the dataset's name, where there is no file to point into. */
function namedPlace({ id }: DatasetEntry): EntryPlace {
	return (path) => [`datasets (${id})`, ...path.map(String)].join('.');
}

/**
 * Returns the examples of an entry; a limit draws them by the seed. The mean share of annotated words is that of the
 * whole split, so that it does not depend on the limit. Examples to show are drawn from texts that are not classified.
 * @throws UserError for a split, file, column or label that does not exist, or bad rows where these are to stop the study.
 */
export async function loadDataset(
	entry: DatasetEntry,
	seed: number,
	place: EntryPlace = namedPlace(entry),
): Promise<LoadedDataset> {
	const loaded = await loadPlain(entry, seed, place);
	const { fewShot } = entry;
	if (fewShot === undefined) return loaded;
	const where = place(['fewShot']);
	const source = await loadLabelled(entry, fewShot.from, loaded, seed, where);
	const request = { count: fewShot.n, name: source.name, where };
	const shots = drawDemonstrations(source.examples, loaded.dataset.examples, request, seed);
	return { ...withDemonstrations(loaded, shots), badRows: [...loaded.badRows, ...source.badRows] };
}

async function loadPlain(entry: DatasetEntry, seed: number, place: EntryPlace): Promise<LoadedDataset> {
	if (entry.format !== undefined) return loadPublished(entry, publishedNamed(entry.format, 'datasets'), seed, place);
	return entry.file === undefined ? loadBundled(entry, seed) : loadFile(entry, entry.file, seed, place);
}

function withDemonstrations({ dataset, wordings, inOrder, ...rest }: LoadedDataset, shots: readonly Example[]) {
	const shown = (task: Task): Task => ({ ...task, demonstrations: shots });
	return {
		...rest,
		dataset: { ...dataset, task: shown(dataset.task) },
		wordings: wordings.map(({ id, task }) => ({ id, task: shown(task) })),
		inOrder: inOrder && ((labels: readonly string[]) => shown(inOrder(labels))),
	};
}

/** Labelled examples beside those that are classified. */
export interface LabelledExamples {
	readonly examples: readonly Example[];
	readonly badRows: readonly BadRow[];
	/** Where they come from, in words. */
	readonly name: string;
	/** Whether they are the texts of the dataset itself, the classified ones among them. */
	readonly isSame: boolean;
}

/** Returns all examples of a source. Throws a `UserError` where they are about other labels or segments. */
export async function loadLabelled(
	entry: DatasetEntry,
	source: ExampleSource,
	{ dataset }: Pick<LoadedDataset, 'dataset'>,
	seed: number,
	where: string,
): Promise<LabelledExamples> {
	const from = withLabels(sourceEntry(entry, source), dataset.task.labels);
	const { dataset: found, badRows } = await loadPlain(from, seed, () => where);
	const segmentsOf = ([first]: readonly Example[]): string[] => first?.segments.map(({ name }) => name) ?? [];
	const own = segmentsOf(dataset.examples);
	if (segmentsOf(found.examples).join('\n') !== own.join('\n')) {
		const [other, expected] = [segmentsOf(found.examples), own].map((names) => names.join(', '));
		throw new UserError(`${where}: these texts have the segments ${other}; those of the dataset are ${expected}.`);
	}
	const labels = new Set(found.examples.flatMap(({ label }) => label ?? []));
	requireKnown(where, 'label', [...labels], dataset.task.labels);
	const isSame = isSameData(entry, from, [dataset.split, found.split]);
	const path = from.file?.path ?? (source.file === undefined ? undefined : from.path);
	const name = path === undefined ? `the split "${found.split}"` : basename(path);
	return { examples: found.examples, badRows, name, isSame };
}

/** A task of one's own has the labels of the texts that are classified, whichever of them other texts have. */
function withLabels(entry: DatasetEntry, labels: readonly string[]): DatasetEntry {
	if (entry.file === undefined || entry.task?.instruction === undefined) return entry;
	return { ...entry, task: { ...entry.task, labels: [...labels] } };
}

function loadBundled({ id, split = 'test', limit }: DatasetEntry, seed: number): LoadedDataset {
	const bundled = datasetNamed(id, 'datasets');
	const all = bundled.load(split, { seed });
	const { task, wordings, inOrder } = bundledTask(id, 'datasets');
	const head = { id, split, title: bundled.title, task };
	return { dataset: studyDataset(head, all, limit, seed), badRows: [], notes: [], wordings, inOrder };
}

const ADVICE = 'Leave them out with "onBadRow: skip", or mend the file.';

async function loadPublished(
	entry: DatasetEntry,
	published: PublishedDataset,
	seed: number,
	place: EntryPlace,
): Promise<LoadedDataset> {
	const path = pathOf(entry, entry.path, place);
	const { id, title = published.title, split = lastOf(published.splits), limit } = entry;
	const { examples, notes, ...read } = await published.read(path, split);
	const badRows = inFileOrder(read.badRows);
	if (badRows.length > 0 && entry.onBadRow !== 'skip')
		throw badRowsError(path, badRows, examples.length === 0 ? 'No row is left.' : ADVICE);
	if (examples.length === 0) {
		throw new UserError(`${place(['split'])}: the split "${split}" of ${path} has no example that can be used.`);
	}
	const { task, wordings, inOrder } = await taskOfPublished(entry, published, examples, place);
	return {
		dataset: studyDataset({ id, title, split, task }, examples, limit, seed),
		badRows,
		notes: notes.map((note) => `${id}: ${note}.`),
		wordings,
		inOrder,
	};
}

/** Returns the path of an entry's data. Throws a `UserError` that says how to get data that is not here. */
function pathOf(entry: DatasetEntry, path: string | undefined, place: EntryPlace): string {
	if (path !== undefined && isAbsolute(path)) return path;
	throw new UserError(
		`${place([])}: the files of ${entry.id} are not here. "rationale pull ${pullName(entry)}" fetches them; or give the ` +
			'folder in which they lie as "path".',
	);
}

async function loadFile(entry: DatasetEntry, spec: TableSpec, seed: number, place: EntryPlace): Promise<LoadedDataset> {
	const { id, title = id, split = 'all', limit, onBadRow = 'stop' } = entry;
	requireFile(pathOf(entry, spec.path, place), place);
	const given = await givenTask(entry);
	const file = withSegmentsOf(given?.task ?? null, spec);
	checkSegments(entry, file, given?.task ?? null, place);
	const labels = given?.task.labels ?? entry.task?.labels ?? spec.labels;
	const table = await readTable(labels === undefined ? file : { ...file, labels: [...labels] }, {
		seed,
		onBadRow,
		place: (path) => place(['file', ...path]),
	});
	const { task, wordings, inOrder } = given ?? taskOfTable(entry, file, table.labels, place);
	const left = table.annotationsLeftOut;
	return {
		dataset: studyDataset({ id, title, split, task }, table.examples, limit, seed),
		badRows: table.badRows,
		notes:
			left === 0 ? [] : [`${id}: ${left} annotations give another label than most for their text and are left out.`],
		wordings,
		inOrder,
	};
}

function requireFile(path: string, place: EntryPlace): void {
	if (existsSync(path)) return;
	throw new UserError(
		`${place(['file', 'path'])}: there is no file ${path}. A path is looked for beside the study file, then in its "data".`,
	);
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
	return { annotated: annotatedOf(annotations), wordCount: countWords(example) };
}

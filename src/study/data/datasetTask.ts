/** What is asked about a dataset: the task that its entry names, or that of its own file. */
import { unknownName, UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { itemAt } from '../../core/present.ts';
import type { Task } from '../../core/task.ts';
import { DATASET_IDS, datasetNamed } from '../../datasets/datasets.ts';
import type { PublishedDataset } from '../../datasets/published/publishedDataset.ts';
import { publishedNamed } from '../../datasets/published/publishedDatasets.ts';
import type { TableSpec } from '../../datasets/tableSpec.ts';
import type { DatasetEntry } from '../config/datasetEntry.ts';
import { bundledTaskPath, loadTaskFile, type TaskFile } from '../config/taskFile.ts';
import { listOfAnswers } from './listOfAnswers.ts';

/** Says where in the study file a key of the entry stands: `study.yaml:7 (datasets[0].limit)`. */
export type EntryPlace = (path: readonly PropertyKey[]) => string;

/** A task with other ways to ask it; `inOrder` is null where it does not list its answers. */
export type AskedTask = Omit<TaskFile, 'inOrder'> & { readonly inOrder: TaskFile['inOrder'] | null };

/** Returns the task of a bundled dataset. */
export function bundledTask(id: string, where: string): AskedTask {
	return withOrders(datasetNamed(id, where).task);
}

/** Returns the task that an entry names: a task file, or that of a bundled or published dataset; null where it names none. */
export async function givenTask({ task }: DatasetEntry): Promise<AskedTask | null> {
	if (task?.file !== undefined) return loadTaskFile(task.file);
	if (task?.sameAs === undefined) return null;
	if (DATASET_IDS.includes(task.sameAs)) return bundledTask(task.sameAs, 'task');
	return loadTaskFile(bundledTaskPath(publishedNamed(task.sameAs, 'task').task));
}

/** Returns the task of a published dataset: that of its own file, or another one about the same segments and labels. */
export async function taskOfPublished(
	entry: DatasetEntry,
	published: PublishedDataset,
	examples: readonly Example[],
	place: EntryPlace,
): Promise<AskedTask> {
	const { task: asked } = entry;
	if (asked?.instruction !== undefined) {
		throw new UserError(
			`${place(['task'])}: a published dataset takes a task file, for example "./my-task.yaml", or the name of a dataset.`,
		);
	}
	const segments = itemAt(examples, 0).segments.map(({ name }) => name);
	const found = (await givenTask(entry)) ?? (await loadTaskFile(bundledTaskPath(published.task)));
	const { labels, segmentTitles } = found.task;
	const where = asked === undefined ? `tasks/${published.task}.yaml` : (asked.file ?? place(['task']));
	for (const label of new Set(examples.flatMap((example) => example.label ?? []))) {
		requireKnown(where, 'label (of the data)', [label], labels);
	}
	requireKnown(where, 'segment (of the data)', segments, Object.keys(segmentTitles));
	requireKnown(where, 'segment', Object.keys(segmentTitles), segments);
	return found;
}

/** Where a table has one text and the task asks about one, that text is meant, whatever the task calls it. */
export function withSegmentsOf(task: Task | null, file: TableSpec): TableSpec {
	const [asked, ...others] = Object.keys(task?.segmentTitles ?? {});
	const { text, ...more } = file.segments;
	if (asked === undefined || others.length > 0 || text === undefined || Object.keys(more).length > 0) return file;
	const rationales = file.rationales.map(({ segment, ...rationale }) =>
		segment === undefined ? rationale : { ...rationale, segment: asked },
	);
	return { ...file, segments: { [asked]: text }, rationales };
}

/** Throws a `UserError` where a task asks about other segments than the table has, and for titles of none. */
export function checkSegments(entry: DatasetEntry, file: TableSpec, given: Task | null, place: EntryPlace): void {
	const segments = Object.keys(file.segments);
	const titles = Object.keys(entry.task?.segmentTitles ?? {});
	requireKnown(place(['task', 'segmentTitles']), 'segment', titles, segments);
	if (given === null) return;
	const asked = Object.keys(given.segmentTitles);
	if (asked.length === segments.length && asked.every((name) => segments.includes(name))) return;
	const isPlain = segments.length === 1 && segments[0] === 'text';
	const wanted = asked.map((name) => `${name}: COLUMN`).join(', ');
	throw new UserError(
		`${place(['file', isPlain ? 'text' : 'segments'])}: the task asks about ${asked.join(', ')}; the table has ` +
			`${segments.join(', ')}. Give "segments: { ${wanted} }" in "file", or another task.`,
	);
}

/** Returns the task that an entry describes; `found` are the labels of its table. */
export function taskOfTable(
	{ id, task }: DatasetEntry,
	file: TableSpec,
	found: readonly string[],
	place: EntryPlace,
): AskedTask {
	const labels = task?.labels ?? found;
	if (labels.length < 2) {
		throw new UserError(
			`${place(['task'])}: a task needs at least two labels, got ${labels.join(', ') || 'none'}. Add "labels" to the task, or name the ` +
				'column with the "label" in "file".',
		);
	}
	const { instruction = '', verbalizers = {}, segmentTitles = {} } = task ?? {};
	const where = place(['task', 'verbalizers']);
	requireKnown(where, 'label', Object.keys(verbalizers), labels);
	return withOrders({
		id,
		instruction,
		segmentTitles: Object.fromEntries(
			Object.keys(file.segments).map((name) => [name, segmentTitles[name] ?? capitalised(name)]),
		),
		labels,
		verbalizers: verbalizersOf(labels, verbalizers, where),
	});
}

/** Adds the other orders of a task whose instruction lists its answers. */
function withOrders(task: Task): AskedTask {
	const answerOf = (label: string): string => task.verbalizers[label] ?? label;
	const list = listOfAnswers(task.instruction, task.labels.map(answerOf));
	return {
		task,
		wordings: [],
		inOrder: list && ((labels) => ({ ...task, instruction: list(labels.map(answerOf)) })),
	};
}

function verbalizersOf(
	labels: readonly string[],
	given: Readonly<Record<string, string>>,
	where: string,
): Record<string, string> {
	const all = Object.fromEntries(labels.map((label) => [label, given[label] ?? label]));
	const answers = Object.values(all);
	const twice = answers.find((answer, i) => answers.indexOf(answer) !== i);
	if (twice === undefined) return all;
	throw new UserError(`${where}: "${twice}" stands for two labels. Give each its own answer.`);
}

/** Throws a `UserError` for the first name that is not known. */
export function requireKnown(where: string, kind: string, names: readonly string[], known: readonly string[]): void {
	const strange = names.find((name) => !known.includes(name));
	if (strange !== undefined) throw unknownName(where, kind, strange, known);
}

function capitalised(name: string): string {
	return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

/** An entry of "datasets" in a study file: a bundled dataset, the files of a published one, or one's own table. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { itemAt } from '../../core/present.ts';
import { DATASET_IDS } from '../../datasets/datasets.ts';
import { PUBLISHED_IDS } from '../../datasets/published/publishedDatasets.ts';
import { answerPrefix } from './taskFile.ts';
import { existsSync } from 'node:fs';
import { publishedNamed } from '../../datasets/published/publishedDatasets.ts';
import { fewShotSchema, trainSchema, withPaths } from './exampleSource.ts';
import { tableSchema } from '../../datasets/tableSpec.ts';
import {
	type CacheFolders,
	fetchedFolder,
	isSource,
	type Source,
	sourceOf,
	sourceText,
} from '../../network/sources/source.ts';

const named = z.string().min(1, 'must not be empty');
const wholeNumber = (least: number) => z.int(`expected a whole number`).min(least, `must be at least ${least}`);
const isPublished = (id: string): boolean => PUBLISHED_IDS.some((known) => known === id);

const taskSchema = z
	.strictObject({
		/** A bundled or published dataset whose task it is; then nothing else may be given. */
		sameAs: z.enum([...DATASET_IDS, ...PUBLISHED_IDS]).optional(),
		/** A task file (`tasks/*.yaml` are examples); then nothing else may be given. */
		file: named.optional(),
		/** The system turn of the prompt: what to decide, and the answers to choose from. */
		instruction: named.optional(),
		/** At least two. Default: all that occur in the file. */
		labels: z
			.array(named)
			.min(2, 'a task needs at least two labels')
			.refine((list) => new Set(list).size === list.length, 'names something twice')
			.optional(),
		/** The answer that stands for a label. Default: the label itself. */
		verbalizers: z.record(z.string(), named).optional(),
		/** What a segment is called in the prompt. Default: its name, capitalised. */
		segmentTitles: z.record(z.string(), named).optional(),
	})
	.refine(
		({ sameAs, file, instruction, labels, verbalizers, segmentTitles }) =>
			[sameAs, file, instruction].filter((value) => value !== undefined).length === 1 &&
			(instruction !== undefined || [labels, verbalizers, segmentTitles].every((value) => value === undefined)),
		'give either "sameAs" (a bundled or published dataset) alone, or "file" (a task file) alone, or "instruction" with, where needed, labels, verbalizers and segmentTitles',
	);

const sourceSchema = z.preprocess(
	(value) => (typeof value === 'string' ? [value] : value),
	z
		.array(named.refine(isSource, 'must be datasets/org/name, datasets/org/name@revision, or an address (https://…)'))
		.min(1, 'must name at least one address')
		.refine((list) => list.length === 1 || list.every((item) => item.includes('://')), 'several must be addresses'),
);

/** `planted-bios`, `e-snli` with its `path`, or one's own file. */
export const datasetSchema = z.preprocess(
	(value) => (typeof value === 'string' ? { id: value } : value),
	z
		.strictObject({
			/** A bundled or published dataset, or with `format` or `file` any name. */
			id: named,
			/** The published dataset whose files lie at `path`. Default: the one that `id` names. */
			format: z.enum(PUBLISHED_IDS).optional(),
			/**
			 * Folder or file of a published dataset, relative to what `from` names, else to the study's `data`. Default: all
			 * that `from` names, else the folder `id` in `data` where there is one, else what `rationale pull ID` has fetched.
			 */
			path: named.optional(),
			/** Where the files were fetched from by `rationale pull`: `datasets/org/name[@revision]`, or addresses. */
			from: sourceSchema.optional(),
			/** Default: `test` for a bundled dataset, the last one for a published one; for one's own file `all`, only a name. */
			split: named.optional(),
			/** At most this many examples, labels in proportion, drawn by the seed. Default: all. */
			limit: wholeNumber(1).optional(),
			/** What the dataset is called in the report. Default for one's own file: `id`. */
			title: named.optional(),
			/** One's own file and what its columns mean (src/datasets/tableSpec.ts). */
			file: tableSchema.optional(),
			/** What is asked: `{...}`, the name of a bundled or published dataset, or the path of a task file (`./task.yaml`). */
			task: z.preprocess((value) => (typeof value === 'string' ? taskOf(value) : value), taskSchema.optional()),
			/** What the assistant's turn begins with, before the answer, in place of what the task says; null for nothing. */
			answerPrefix: answerPrefix.nullable().optional(),
			/** Labelled examples shown before each text, drawn by the seed, labels in turn. */
			fewShot: fewShotSchema.optional(),
			/** The examples to learn from where the study fine-tunes. */
			train: trainSchema.optional(),
			/** What to do with rows that cannot be used: `stop`, or `skip` and count them. Default: stop. */
			onBadRow: z.enum(['stop', 'skip']).optional(),
		})
		.superRefine((entry, context) => {
			const { id, file, task, path } = entry;
			const issue = (key: string[], message: string): void => context.addIssue({ code: 'custom', path: key, message });
			const format = entry.format ?? (isPublished(id) ? id : undefined);
			const isOwn = file !== undefined;
			if (!isOwn && format === undefined && !DATASET_IDS.includes(id)) {
				const values = [...DATASET_IDS, ...PUBLISHED_IDS];
				context.addIssue({ code: 'invalid_value', values, path: ['id'], input: id });
				return;
			}
			if ((isOwn || entry.format !== undefined) && DATASET_IDS.includes(id)) {
				issue(['id'], 'is the name of a bundled dataset; choose another');
			}
			if (isOwn && isPublished(id)) issue(['id'], 'is the name of a published dataset; choose another');
			if (isOwn && task === undefined) issue([], 'one\'s own file needs a "task"');
			if (isOwn && path !== undefined) issue(['path'], 'is for a published dataset; one\'s own file has "file.path"');
			for (const key of ['fewShot', 'train'] as const) {
				const { split, file: other } = entry[key]?.from ?? {};
				if (isOwn && split !== undefined)
					issue([key], 'one\'s own file has no splits; give another one, "from: { file: … }", or leave "from" out');
				if (!isOwn && format === undefined && typeof other === 'string')
					issue(
						[key],
						'a bundled dataset has splits, no files; describe a table: "from: { file: { path, text, label } }"',
					);
			}
			if (isOwn || format !== undefined) return;
			for (const key of ['task', 'title', 'onBadRow', 'path', 'from'] as const) {
				const others = key === 'path' ? 'a published dataset' : 'one\'s own "file" or a published dataset';
				if (entry[key] !== undefined) issue([key], `is for ${others} only`);
			}
		})
		.transform((entry) => ({
			...entry,
			format:
				entry.file === undefined ? (entry.format ?? PUBLISHED_IDS.find((known) => known === entry.id)) : undefined,
		})),
);

export type DatasetEntry = z.output<typeof datasetSchema>;

/** What the paths of an entry are relative to. */
export interface EntryFolders {
	/** That of the study file. */
	readonly study: string;
	/** The study's `data`. */
	readonly data: string;
	/** Where fetched data lies; null where nothing fetched is to be used. */
	readonly caches: CacheFolders | null;
}

/**
 * Returns the entry with absolute paths. Data that is nowhere has no path, or a relative one where `from` names it: it
 * must be fetched first.
 */
export function resolvedEntry(entry: DatasetEntry, folders: EntryFolders): DatasetEntry {
	const { file, path, task, train, fewShot, from } = entry;
	const { study, data } = folders;
	const root = from === undefined ? data : fetched(entry, folders);
	const inRoot = (name: string): string => (root === undefined ? name : resolve(root, name));
	const places = file === undefined ? [data, study] : [study, data];
	const located = (name: string): string => (from === undefined ? firstThere(name, places) : inRoot(name));
	const own = file === undefined ? (path === undefined ? defaultPath(entry, folders) : inRoot(path)) : undefined;
	return {
		...entry,
		...(file === undefined ? {} : { file: { ...file, path: located(file.path) } }),
		...(own === undefined ? {} : { path: own }),
		...(task?.file === undefined ? {} : { task: { ...task, file: resolve(study, task.file) } }),
		...(train === undefined ? {} : { train: { ...train, from: withPaths(train.from, located) } }),
		...(fewShot === undefined ? {} : { fewShot: { ...fewShot, from: withPaths(fewShot.from, located) } }),
	};
}

/** Returns the path in the first of these folders that holds it, else in the first. */
function firstThere(name: string, folders: readonly string[]): string {
	const paths = folders.map((folder) => resolve(folder, name));
	return paths.find((path) => existsSync(path)) ?? itemAt(paths, 0);
}

/** Returns where the files of an entry can be fetched from, null for those that cannot. */
export function sourceOfEntry({ from, format }: DatasetEntry): Source | null {
	if (from !== undefined) return sourceOf(from);
	return format === undefined ? null : publishedNamed(format, 'datasets').fetchFrom;
}

/** Returns what "rationale pull" calls the data of an entry; empty for data that cannot be fetched. */
export function pullName({ from, format }: DatasetEntry): string {
	return from === undefined ? (format ?? '') : sourceText(sourceOf(from));
}

function defaultPath(entry: DatasetEntry, folders: EntryFolders): string | undefined {
	if (entry.format === undefined) return undefined;
	const own = resolve(folders.data, entry.id);
	return entry.from === undefined && existsSync(own) ? own : fetched(entry, folders);
}

function fetched(entry: DatasetEntry, { caches }: EntryFolders): string | undefined {
	const source = sourceOfEntry(entry);
	return source === null || caches === null ? undefined : fetchedFolder(source, caches);
}

/** A name that ends like a file is one. */
function taskOf(name: string): { sameAs?: string; file?: string } {
	return /\.ya?ml$/u.test(name) ? { file: name } : { sameAs: name };
}

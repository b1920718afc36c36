/** A task by its name, and labelled examples of it to show before a text. */
import { unknownName, UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import type { Task } from '../../core/task.ts';
import { DATASET_IDS, datasetNamed } from '../../datasets/datasets.ts';
import { PUBLISHED_IDS, publishedNamed } from '../../datasets/published/publishedDatasets.ts';
import { type CacheFolders, fetchedFolder } from '../../network/sources/source.ts';
import { drawDemonstrations } from './demonstrations.ts';
import { bundledTaskPath, loadTaskFile } from '../config/taskFile.ts';

/** Returns the task of a bundled or published dataset, or of a task file. Throws `UserError` for any other name. */
export async function namedTask(name: string, where: string): Promise<Task> {
	if (/\.ya?ml$/u.test(name)) return (await loadTaskFile(name)).task;
	if (isPublished(name)) return (await loadTaskFile(bundledTaskPath(publishedNamed(name, where).task))).task;
	if (DATASET_IDS.includes(name)) return datasetNamed(name, where).task;
	throw unknownName(where, 'task', name, [...DATASET_IDS, ...PUBLISHED_IDS]);
}

export interface ShownExamples {
	readonly count: number;
	/** The text that is to be classified, which is never shown. */
	readonly text: Example;
	readonly seed: number;
	readonly caches: CacheFolders;
}

/**
 * Returns labelled examples of the training split of a bundled or published dataset. Throws `UserError` where it has not
 * as many, or was not fetched.
 */
export async function shownExamples(
	name: string,
	where: string,
	{ count, text, seed, caches }: ShownExamples,
): Promise<Example[]> {
	const split = 'train';
	return drawDemonstrations(
		await trainingExamples(name, where, split, caches),
		[text],
		{ count, name: `the split "${split}"`, where },
		seed,
	);
}

async function trainingExamples(
	name: string,
	where: string,
	split: string,
	caches: CacheFolders,
): Promise<readonly Example[]> {
	if (DATASET_IDS.includes(name)) return datasetNamed(name, where).load(split, { seed: 0 });
	if (!isPublished(name)) {
		throw new UserError(`${where}: needs a dataset to take examples from; give its name as --task, not "${name}".`);
	}
	const published = publishedNamed(name, where);
	const folder = fetchedFolder(published.fetchFrom, caches);
	if (folder === undefined) {
		throw new UserError(`${where}: the files of ${name} are not here. Fetch them with "rationale pull ${name}".`);
	}
	return (await published.read(folder, split)).examples;
}

function isPublished(name: string): boolean {
	return PUBLISHED_IDS.some((id) => id === name);
}

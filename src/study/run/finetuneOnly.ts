/** The trainings of a study alone; `runStudy` in the same folder then goes on with what they gave. */
import { resolve } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { type ConfigChanges, loadConfig } from '../config/studyFile.ts';
import { lockFolder } from '../../files/folderLock.ts';
import { runTrainings, type TrainingEvents, type TrainingResult } from './finetuneStudy.ts';
import { loadDataset, type LoadedDataset } from '../data/loadDataset.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { outputError } from '../../files/outputErrors.ts';
import { withUsableModels } from '../models/usableModels.ts';
import type { ModelSource } from '../models/modelSource.ts';

export interface FinetuneOptions {
	/** The study file. */
	readonly path: string;
	/** Take the place of what the file says. */
	readonly changes?: ConfigChanges;
	/** The output folder; created when absent, continued when it holds checkpoints. */
	readonly out: string;
	readonly source: ModelSource;
}

/** Returns what each training gave. Throws `UserError` for a study without a `finetune` section, and what trainings throw. */
export async function finetuneOnly(
	{ path, changes, out, source }: FinetuneOptions,
	events: TrainingEvents,
): Promise<TrainingResult[]> {
	const whole = await loadConfig(path, changes);
	if (whole.finetune === null) {
		throw new UserError(
			`${path}: the study has no "finetune" section. The least is: "finetune: {}"; see docs/guides/finetuning.md.`,
		);
	}
	const { config } = withUsableModels(whole, source);
	const datasets: LoadedDataset[] = [];
	for (const entry of config.datasets) datasets.push(await loadDataset(entry, config.seed));
	const unlock = await lockedFolder(out);
	try {
		return await runTrainings({ config, datasets, source, out }, events);
	} finally {
		await unlock();
	}
}

async function lockedFolder(out: string): Promise<() => Promise<void>> {
	try {
		await makeFolder(resolve(out));
		return await lockFolder(out);
	} catch (error) {
		throw outputError(error, out, 0);
	}
}

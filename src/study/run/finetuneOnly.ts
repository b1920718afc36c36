/** The trainings of a study alone; `runStudy` in the same folder then goes on with what they gave. */
import { resolve } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { lockFolder } from '../../files/folderLock.ts';
import { runTrainings, type TrainingEvents, type TrainingResult } from './finetuneStudy.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { outputError } from '../../files/outputErrors.ts';
import { readStudy, type StudyFile, withData } from '../openStudy.ts';

export interface FinetuneOptions extends StudyFile {
	/** The output folder; created when absent, continued when it holds checkpoints. */
	readonly out: string;
}

/** Returns what each training gave. Throws `UserError` for a study without a `finetune` section, and what trainings throw. */
export async function finetuneOnly(options: FinetuneOptions, events: TrainingEvents): Promise<TrainingResult[]> {
	const { out, source } = options;
	const study = await readStudy(options);
	if (study.whole.finetune === null) {
		throw new UserError(
			`${options.path}: the study has no "finetune" section. The least is: "finetune: {}"; see docs/guides/finetuning.md.`,
		);
	}
	const { config, loaded: datasets } = await withData(study);
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

/** The trainings of a study alone; `runStudy` in the same folder then goes on with what they gave. */
import { UserError } from '../../core/errors.ts';
import { takeFolder } from '../../files/takeFolder.ts';
import { runTrainings, type TrainingEvents, type TrainingResult } from './finetuneStudy.ts';
import { outputError } from '../../files/outputErrors.ts';
import { requireOwnFolder } from './ownFolder.ts';
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
	await requireOwnFolder(out, options.path, config.study);
	const giveBack = await takeFolder(out).catch((error: unknown) => {
		throw outputError(error, out, 0);
	});
	try {
		return await runTrainings({ config, datasets, source, out }, events);
	} finally {
		await giveBack();
	}
}

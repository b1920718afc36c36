/** Whole studies, with the models, caches and versions of the command line where nothing else is given. */
import { z } from 'zod';
import { dataCaches, processEnvironment } from '../cli/environment.ts';
import { programVersions } from '../cli/ownPackage.ts';
import { runStudy as runStudyIn, type StudyResult } from '../runStudy.ts';
import type { ModelSource } from '../study/models/modelSource.ts';
import {
	type EstimateProgress,
	estimateStudy as estimateStudyOf,
	type SettingEstimate,
} from '../study/estimate/estimateStudy.ts';
import { finetuneOnly } from '../study/run/finetuneOnly.ts';
import type { TrainingEvents, TrainingResult } from '../study/run/finetuneStudy.ts';
import type { Progress } from '../study/run/runPlan.ts';
import { checkedOptions } from './checkedOptions.ts';
import { createModelSource } from './modelOptions.ts';

/** What is told while models are fine-tuned. */
export type TrainingProgress = Partial<Omit<TrainingEvents, 'signal'>>;

const folder = z.string().min(1, 'must name a folder');
const functionOf = <F>() => z.custom<F>((value) => typeof value === 'function', 'expected a function').optional();
const objectOf = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null, 'expected an object');

const common = {
	/** Where published datasets lie, in place of the study's own `data`. */
	data: folder.optional(),
	/** Where models come from: by default those of this machine, as on the command line. */
	source: objectOf<ModelSource>().optional(),
	/** Aborting ends the work with `InterruptedError`; what was computed stays. */
	signal: z.instanceof(AbortSignal).optional(),
};

const runSchema = z.strictObject({
	...common,
	/** The output folder; made where absent, continued where it holds records. */
	out: folder,
	/** Models in place of the study's own. */
	models: z.array(z.string().min(1)).min(1, 'must name at least one').readonly().optional(),
	/** Version by name of program, for `study.yaml` and the report. */
	versions: z.record(z.string(), z.string()).optional(),
	onProgress: functionOf<(progress: Progress) => void>(),
	onTraining: objectOf<TrainingProgress>().optional(),
});

export type RunStudyOptions = z.input<typeof runSchema>;

/**
 * Runs what the output folder does not hold yet, and returns figures and notes; records, summary, report and tables are
 * then in the folder.
 * @param path the study file.
 * @throws UserError for what the reader can mend, InterruptedError once it is stopped; records on disk stay in both cases.
 */
export async function runStudy(path: string, options: RunStudyOptions): Promise<StudyResult> {
	const { out, models, versions, onProgress, onTraining, ...rest } = checkedOptions(runSchema, options, 'runStudy');
	return runStudyIn({
		...studyOf(path, rest, models),
		out,
		versions: versions ?? programVersions(),
		...(onProgress === undefined ? {} : { onProgress }),
		...(onTraining === undefined ? {} : { onTraining }),
		...(rest.signal === undefined ? {} : { signal: rest.signal }),
	});
}

const estimateSchema = z.strictObject({
	...common,
	models: z.array(z.string().min(1)).min(1, 'must name at least one').readonly().optional(),
	onProgress: functionOf<EstimateProgress>(),
});

export type EstimateStudyOptions = z.input<typeof estimateSchema>;

/** Returns what a study will ask of its models and how long that takes. Throws what `runStudy` throws; writes nothing. */
export async function estimateStudy(path: string, options: EstimateStudyOptions = {}): Promise<SettingEstimate[]> {
	const { models, onProgress, ...rest } = checkedOptions(estimateSchema, options, 'estimateStudy');
	return estimateStudyOf({
		...studyOf(path, rest, models),
		now: () => performance.now(),
		...(onProgress === undefined ? {} : { onProgress }),
		...(rest.signal === undefined ? {} : { signal: rest.signal }),
	});
}

const finetuneSchema = z.strictObject({
	...common,
	/** The output folder; made where absent, continued where it holds checkpoints. */
	out: folder,
	onTraining: objectOf<TrainingProgress>().optional(),
});

export type FinetuneOptions = z.input<typeof finetuneSchema>;

/** Returns what each training of a study with a `finetune` section gave. Throws what `runStudy` throws. */
export async function finetune(path: string, options: FinetuneOptions): Promise<TrainingResult[]> {
	const { out, onTraining = {}, ...rest } = checkedOptions(finetuneSchema, options, 'finetune');
	const nothing = (): void => undefined;
	const signal = rest.signal ?? new AbortController().signal;
	return finetuneOnly(
		{ ...studyOf(path, rest), out },
		{ onPlan: nothing, onStep: nothing, onEpoch: nothing, ...onTraining, signal },
	);
}

function studyOf(
	path: string,
	{ data, source }: { readonly data?: string | undefined; readonly source?: ModelSource | undefined },
	models?: readonly string[],
) {
	const changes = { models, data, caches: dataCaches(processEnvironment()) };
	return { path, changes, source: source ?? createModelSource() };
}

/** Opens a study: its file is read, what cannot be used here is left out, its data is loaded. */
import { requirePossibleChoices } from './config/rationaleSettings.ts';
import { type ConfigChanges, loadConfig, type StudyConfig } from './config/studyFile.ts';
import { type LoadedDataset, loadDataset } from './data/loadDataset.ts';
import { withAnswerForm } from './data/answerForm.ts';
import { withoutPrefix } from '../explain/encodeExample.ts';
import type { Task } from '../core/task.ts';
import { withReasoning } from './data/reasoning.ts';
import type { ModelSource } from './models/modelSource.ts';
import { isBehindApi } from '../llm/remote/openApiModel.ts';
import { type LeftOut, withUsableModels } from './models/usableModels.ts';

export interface StudyFile {
	/** The study file. */
	readonly path: string;
	/** What is read in place of the file's own models and data. */
	readonly changes?: ConfigChanges;
	readonly source: ModelSource;
}

/** A study file that was read and checked. */
export interface UsableStudy {
	/** As the study file says. */
	readonly whole: StudyConfig;
	/** Without the models that are left out. */
	readonly config: StudyConfig;
	readonly leftOut: readonly LeftOut[];
}

export interface OpenedStudy extends UsableStudy {
	/** In the order of the study. */
	readonly loaded: readonly LoadedDataset[];
}

/** Returns the study of a file. Throws `UserError` for a file that is none, and where none of its models can be used. */
export async function readStudy({ path, changes, source }: StudyFile): Promise<UsableStudy> {
	const whole = await loadConfig(path, changes);
	const usable = withUsableModels(whole, source);
	return { whole, ...usable, config: withToldModels(usable.config) };
}

/** What all templates are told is told each of them. */
function withToldModels(config: StudyConfig): StudyConfig {
	const { template } = config;
	if (template === undefined) return config;
	const models = config.models.map((model) =>
		isBehindApi(model) ? model : { ...model, template: { ...template, ...model.template } },
	);
	return { ...config, models };
}

/** Returns a study with its data. Throws what `readStudy` throws, and `UserError` for data that cannot be read. */
export async function openStudy(file: StudyFile): Promise<OpenedStudy> {
	return withData(await readStudy(file));
}

/** Returns the study with its data. Throws `UserError` for data that cannot be read, and for choices of words it cannot give. */
export async function withData(study: UsableStudy): Promise<OpenedStudy> {
	const loaded: LoadedDataset[] = [];
	const { datasets, seed, place, spellings, models } = study.config;
	for (const [i, entry] of datasets.entries()) {
		const { answerPrefix } = entry;
		const read = await loadDataset(entry, seed, (path) => place(['datasets', i, ...path]));
		loaded.push(withAnswerForm(read, { answerPrefix, spellings }));
	}
	requirePossibleChoices(
		study.config,
		loaded.map(({ dataset }) => dataset),
	);
	for (const { dataset } of loaded) requirePrefixes(models, dataset.task);
	return { ...study, loaded: withReasoning(study.config, loaded) };
}

/** A prefix that a model behind an API cannot be given is said before anything is computed. */
function requirePrefixes(models: StudyConfig['models'], task: Task): void {
	const refused = models.find((model) => isBehindApi(model) && model.api?.continues !== true);
	if (task.answerPrefix !== undefined && refused !== undefined) throw withoutPrefix(refused.id, task);
}

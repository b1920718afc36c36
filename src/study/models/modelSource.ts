/** The models of a study, and where they come from. */
import type { UserError } from '../../core/errors.ts';
import type { TemplateVariables } from '../../core/task.ts';
import type { ChosenTuning } from '../../llm/tuning.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import type { ApiSettings } from '../../llm/remote/apiSettings.ts';
import type { ModelPlace } from '../../llm/modelPlace.ts';

/** A model of the study: its name, and what it is where the name does not say so. */
export interface ModelEntry {
	/** A bundled model or a hub id, where nothing else is given. */
	readonly id: string;
	/** Its folder. */
	readonly path: string | null;
	/** Folder of an adapter that changes it; none where null or left out. */
	readonly adapter?: string | null | undefined;
	/** Hub id, `org/name@revision`. */
	readonly hub?: string | undefined;
	/** Left out of the study where it cannot be used here; otherwise that is an error. */
	readonly optional?: boolean | undefined;
	/** What its chat template is told. */
	readonly template?: TemplateVariables | undefined;
	/** How it is asked, where it is behind an API; default settings for a name that begins with `openai:`. */
	readonly api?: ApiSettings | undefined;
}

/** Where models come from; handed in by the caller. */
export interface ModelSource {
	/** Returns what `LanguageModel.identity` will be, without loading weights. */
	identify(model: ModelEntry): Promise<string>;
	/** The model is closed when the signal is aborted, and opening it is given up. */
	open(model: ModelEntry, signal?: AbortSignal): Promise<LanguageModel>;
	/** Returns why a model cannot be used here, without loading it; null where nothing is known to speak against it. */
	problem?(model: ModelEntry): UserError | null;
	/** Returns where the model's files lie; left out where models are not on this machine. */
	place?(model: ModelEntry): ModelPlace;
	/** Returns a line about the model for the report. */
	describe(model: ModelEntry): string | Promise<string>;
	/** Returns what it is computed with here, which decides the last digits of records; null for a model behind an API. */
	tuning?(model: ModelEntry): Promise<ChosenTuning | null>;
	/** Returns what its weights take, without loading them; null for a model that has none on this machine. */
	weights?(model: ModelEntry): Promise<ModelWeights | null>;
	/** Returns what opened models have cost, in words, where they cost anything. */
	notes?(): string[];
}

export interface ModelWeights {
	readonly parameters: number;
	/** On disk, from where they are mapped. */
	readonly bytes: number;
}

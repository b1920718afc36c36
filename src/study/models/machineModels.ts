/** Models that can be used: bundled ones, folders, models of the hub that were fetched, models behind an API. */
import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { tuningFor } from '../../llm/calibration/calibrate.ts';
import { type EngineSettings, identityIn, weightsFolder, weightsNote } from '../../llm/engineSettings.ts';
import { quantisedBaseNote } from '../../llm/adapters/quantisedBase.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { openLocalModel } from '../../llm/localModel.ts';
import { modelIdentity } from '../../llm/modelIdentity.ts';
import { identityTold, withTemplateVariables } from '../../llm/templateVariables.ts';
import type { ModelPlace } from '../../llm/modelPlace.ts';
import { loadDecoder } from '../../llm/models/loadDecoder.ts';
import { fileBytes } from '../../llm/sessions/memoryPlan.ts';
import { bundledModels, modelPlace } from '../../llm/openModel.ts';
import { type ApiModel, apiModel, defaultApiSettings, isBehindApi } from '../../llm/remote/openApiModel.ts';
import type { ModelEntry, ModelSource, ModelWeights } from './modelSource.ts';

/** Where the models of a machine lie, and how they are computed and asked. */
export interface ModelSourceOptions {
	/** How models on this machine are computed; its cache folder holds the answers of servers, too. */
	readonly engine: EngineSettings;
	/** The Hugging Face cache. */
	readonly hubCache: string;
	/** Base address of a server of the OpenAI API, for models that name none; null for OpenAI's own. */
	readonly apiBaseUrl: string | null;
	readonly apiKey: string | null;
	/** Told how far the weights of a model are hashed, in bytes, where that takes time; throws to stop. */
	readonly onHashing?: (id: string, done: number, total: number) => void;
	/** Told of every model on this machine that was opened. */
	readonly onOpened?: (model: LanguageModel) => void;
}

/**
 * Returns the models of this machine and those behind APIs. Its calls throw `UserError` for a model that is not there,
 * broken, or of an unknown architecture.
 */
export function createModelSource(options: ModelSourceOptions): ModelSource {
	const { engine: settings, hubCache, onOpened = () => undefined, onHashing = () => undefined } = options;
	const apiModels = apiModelsOf(options);
	const adapterNotes = new Set<string>();
	const openHere = async (model: ModelEntry, signal?: AbortSignal): Promise<LanguageModel> => {
		// The hash is kept: opening the model finds it.
		await identityHere(model);
		const opened = await openLocalModel(model.id, placeOf(model), settings, signal);
		onOpened(opened);
		const { folder, adapter } = placeOf(model);
		const loaded = loadDecoder(folder, adapter);
		const note = loaded.adapter === null ? null : quantisedBaseNote(loaded.adapter, folder, loaded.checkpoint);
		if (note !== null) adapterNotes.add(note);
		try {
			return withTemplateVariables(withTasks(opened, model), model.template);
		} catch (error) {
			await opened.close();
			throw error;
		}
	};
	const placeOf = ({ id, path, hub, adapter }: ModelEntry): ModelPlace => ({
		...modelPlace(path ?? hub ?? id, adapter ?? null, hubCache),
		decodedFolder: weightsFolder(settings),
	});
	const identityHere = async (model: ModelEntry): Promise<string> => {
		const { folder, adapter } = placeOf(model);
		const onBytes = (done: number, total: number): void => onHashing(model.id, done, total);
		return modelIdentity(loadDecoder(folder, adapter), settings.cacheFolder, onBytes);
	};
	return {
		identify: async (model) =>
			apiModels.of(model)?.identity() ?? identityTold(identityIn(settings, await identityHere(model)), model.template),
		open: (model, signal) => apiModels.of(model)?.open() ?? openHere(model, signal),
		problem: (model) => {
			const api = apiModels.of(model);
			return api === undefined ? problemOf(() => openableAt(placeOf(model))) : api.problem();
		},
		place: (model) => {
			if (apiModels.of(model) === undefined) return placeOf(model);
			throw new UserError(
				`finetune: model "${model.id}" is behind an API; only models on this machine can be trained.`,
			);
		},
		describe: (model) =>
			apiModels.of(model)?.describe() ??
			[
				bundledModels.find(({ id }) => id === model.id)?.description ?? described(placeOf(model)),
				...[weightsNote(settings)].filter((note) => note !== ''),
			].join('; '),
		tuning: async (model) => {
			if (apiModels.of(model) !== undefined) return null;
			const { folder, adapter } = placeOf(model);
			return tuningFor(settings, fileBytes(loadDecoder(folder, adapter)));
		},
		weights: async (model) => {
			if (apiModels.of(model) !== undefined) return null;
			const { folder, adapter } = placeOf(model);
			return sizeOf(loadDecoder(folder, adapter).checkpoint);
		},
		notes: () => [...adapterNotes, ...apiModels.notes()],
	};
}

/** A bundled model was made for few tasks; what an adapter makes of it is not known. */
function withTasks(opened: LanguageModel, { id, path, hub, adapter }: ModelEntry): LanguageModel {
	const bundled = bundledModels.find((model) => model.id === (path ?? hub ?? id));
	return bundled === undefined || adapter != null ? opened : { ...opened, tasks: bundled.tasks };
}

/** Returns number and bytes of the weights of a checkpoint. */
export function sizeOf({ tensors }: ReturnType<typeof loadDecoder>['checkpoint']): ModelWeights {
	const all = [...tensors.values()];
	return {
		parameters: all.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0),
		bytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
	};
}

/** Returns what a user can mend of what stops `use`, null where nothing does. */
function problemOf(use: () => void): UserError | null {
	try {
		use();
		return null;
	} catch (error) {
		if (error instanceof UserError) return error;
		throw error;
	}
}

/** Throws a `UserError` for files that are no model which can be used here. */
function openableAt({ folder, adapter }: ModelPlace): void {
	loadDecoder(folder, adapter);
}

function described({ folder, adapter }: ModelPlace): string {
	return adapter === null ? folder : `${folder} with the adapter ${adapter}`;
}

/** Models behind an API by id, each one made once. */
function apiModelsOf({ engine, apiBaseUrl, apiKey }: ModelSourceOptions) {
	const made = new Map<string, ApiModel>();
	const cacheFolder = join(engine.cacheFolder, 'answers');
	return {
		of: (entry: ModelEntry): ApiModel | undefined => {
			if (!isBehindApi(entry)) return undefined;
			const { id, api } = entry;
			const model =
				made.get(id) ?? apiModel(id, api ?? defaultApiSettings(), { baseUrl: apiBaseUrl, apiKey, cacheFolder });
			made.set(id, model);
			return model;
		},
		notes: (): string[] => [...made].flatMap(([id, model]) => [...warningNote(id, model), ...spendingNote(id, model)]),
	};
}

function warningNote(id: string, model: ApiModel): string[] {
	const warning = model.spending() === null ? null : model.warning();
	return warning === null ? [] : [`${id}: ${warning}.`];
}

function spendingNote(id: string, model: ApiModel): string[] {
	const spending = model.spending();
	if (spending === null) return [];
	const { requests, cached, inputTokens, outputTokens, dollars } = spending;
	const count = (value: number): string => value.toLocaleString('en-US');
	const cost = dollars === null ? '' : `, ${dollars.toFixed(4)} dollars`;
	return [
		`${id}: ${count(requests)} requests (${count(inputTokens)} tokens in, ${count(outputTokens)} out${cost}), ` +
			`answers from the cache: ${count(cached)}.`,
	];
}

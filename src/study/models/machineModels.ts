/** Models that can be used: bundled ones, folders, models of the hub that were fetched, models behind an API. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { tuningFor } from '../../llm/calibration/calibrate.ts';
import { defaultSettings, type EngineSettings, identityIn, weightsNote } from '../../llm/engineSettings.ts';
import { hubCacheFolder } from '../../network/hub/hubCache.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { openLocalModel } from '../../llm/localModel.ts';
import { modelIdentity } from '../../llm/modelIdentity.ts';
import type { ModelPlace } from '../../llm/modelPlace.ts';
import { loadDecoder } from '../../llm/models/loadDecoder.ts';
import { bundledModels, modelPlace } from '../../llm/openModel.ts';
import {
	type ApiEnvironment,
	type ApiModel,
	apiModel,
	defaultApiSettings,
	isBehindApi,
} from '../../llm/remote/openApiModel.ts';
import type { CacheFolders } from '../../network/sources/source.ts';
import type { Environment } from '../../terminal/channel.ts';
import type { ModelEntry, ModelSource, ModelWeights } from './modelSource.ts';

/** The calls throw `UserError` for a model that is not there, broken, or of an unknown architecture. */
export function modelsOf(
	environment: Environment,
	settings: EngineSettings = defaultSettings,
	onOpened: (model: LanguageModel) => void = () => undefined,
): ModelSource {
	const apiModels = apiModelsOf(environment);
	const openHere = async (model: ModelEntry, signal?: AbortSignal): Promise<LanguageModel> => {
		const opened = await openLocalModel(model.id, placeOf(model), settings, signal);
		onOpened(opened);
		return opened;
	};
	const hubCache = hubCacheFolder(environment);
	const placeOf = ({ id, path, hub, adapter }: ModelEntry): ModelPlace =>
		modelPlace(path ?? hub ?? id, adapter ?? null, hubCache);
	return {
		identify: async (model) => apiModels.of(model)?.identity() ?? identityIn(settings, identityOf(placeOf(model))),
		open: (model, signal) => apiModels.of(model)?.open() ?? openHere(model, signal),
		problem: (model) => {
			const api = apiModels.of(model);
			return api === undefined ? problemOf(() => identityOf(placeOf(model))) : api.problem();
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
			return tuningFor(settings, sizeOf(loadDecoder(folder, adapter).checkpoint).bytes);
		},
		weights: async (model) => {
			if (apiModels.of(model) !== undefined) return null;
			const { folder, adapter } = placeOf(model);
			return sizeOf(loadDecoder(folder, adapter).checkpoint);
		},
		notes: apiModels.notes,
	};
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

function identityOf({ folder, adapter }: ModelPlace): string {
	return modelIdentity(loadDecoder(folder, adapter));
}

function described({ folder, adapter }: ModelPlace): string {
	return adapter === null ? folder : `${folder} with the adapter ${adapter}`;
}

/** Models behind an API by id, each one made once. */
function apiModelsOf(environment: Environment) {
	const made = new Map<string, ApiModel>();
	return {
		of: (entry: ModelEntry): ApiModel | undefined => {
			if (!isBehindApi(entry)) return undefined;
			const { id, api } = entry;
			const model = made.get(id) ?? apiModel(id, api ?? defaultApiSettings(), apiEnvironment(environment));
			made.set(id, model);
			return model;
		},
		notes: (): string[] => [...made].flatMap(([id, model]) => spendingNote(id, model)),
	};
}

/** Returns where fetched data lies. */
export function dataCaches(environment: Environment): CacheFolders {
	return { hub: hubCacheFolder(environment), downloads: join(cacheFolderOf(environment), 'datasets') };
}

/** Returns where things are kept that can be made again. */
export function cacheFolderOf(environment: Environment): string {
	const named = (name: string): string | null => environment[name]?.trim() || null;
	return named('RATIONALE_CACHE') ?? join(named('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'llm-rationale');
}

function apiEnvironment(environment: Environment): ApiEnvironment {
	const named = (name: string): string | null => environment[name]?.trim() || null;
	const cacheFolder = join(cacheFolderOf(environment), 'answers');
	return { baseUrl: named('OPENAI_BASE_URL'), apiKey: named('OPENAI_API_KEY'), cacheFolder };
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

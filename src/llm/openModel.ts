/** Finds a model by the name that a user gives: a bundled model, a folder, a GGUF file, or a model of the hub. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError, unknownName } from '../core/errors.ts';
import { isAdapterFolder, readAdapterConfig } from './adapters/adapterConfig.ts';
import { cachedSnapshot, hubCacheFolder } from '../network/hub/hubCache.ts';
import { isHubId, parseHubId } from '../network/hub/hubId.ts';
import type { LanguageModel } from './languageModel.ts';
import { isGgufPath } from './weights/gguf/openGguf.ts';
import { defaultSettings } from './engineSettings.ts';
import { openLocalModel } from './localModel.ts';
import type { ModelPlace } from './modelPlace.ts';

/** One model that ships with the package. */
export interface BundledModel {
	readonly id: string;
	readonly description: string;
	/** Ids of the tasks it was taught. */
	readonly tasks: readonly string[];
}

/** Models in `models/`, made by `npm run train:tiny`. */
export const bundledModels: readonly BundledModel[] = [
	{
		id: 'tiny-base',
		description: 'has read the synthetic texts but learnt no task: its predictions are near chance',
		tasks: [],
	},
	{
		id: 'tiny-instruct',
		description: 'classifies the three planted tasks and lists rationale words when asked',
		tasks: ['planted-bios', 'planted-nli', 'planted-claims'],
	},
];

/**
 * Returns the folder of a bundled model, the name itself where it is an existing folder or GGUF file, or the folder or file of
 * a hub id (`org/name@revision`, `org/name:FILE.gguf`) in the hub's cache. Throws `UserError` otherwise. Nothing is downloaded.
 */
export function modelFolder(name: string, hubCache: string): string {
	if (bundledModels.some(({ id }) => id === name)) return bundledFolder(name);
	if (existsSync(name)) return name;
	if (isHubId(name)) return hubFolder(name, hubCache);
	throw unknownName(
		'models',
		'model, neither bundled nor a folder nor a GGUF file nor org/name of the hub,',
		name,
		bundledModels.map(({ id }) => id),
	);
}

/**
 * Returns where the files of a model lie: a bundled model, a folder, a hub id in the hub's cache, or a folder with an
 * adapter, whose base model is then the one its adapter_config.json names. `adapter` is a folder with an adapter for the
 * named model. Throws `UserError` where there is no such model.
 */
export function modelPlace(name: string, adapter: string | null = null, hubCache = hubCacheFolder({})): ModelPlace {
	const folder = modelFolder(name, hubCache);
	if (adapter !== null) return { folder, adapter };
	return isAdapterFolder(folder)
		? { folder: baseModelFolder(folder, hubCache), adapter: folder }
		: { folder, adapter: null };
}

function isModel(path: string): boolean {
	return isGgufPath(path) ? existsSync(path) : existsSync(join(path, 'config.json'));
}

/** Base models are named by a path, taken from the adapter's folder or the one above it, a bundled model's name or a hub id. */
function baseModelFolder(adapter: string, hubCache: string): string {
	const name = readAdapterConfig(adapter).base_model_name_or_path ?? '';
	const places = [resolve(adapter, name), resolve(dirname(resolve(adapter)), name)];
	const found = name === '' ? undefined : places.find(isModel);
	if (found !== undefined) return found;
	if (bundledModels.some(({ id }) => id === name)) return bundledFolder(name);
	const id = isHubId(name) ? parseHubId(name) : undefined;
	const fetched = id === undefined ? undefined : cachedSnapshot(hubCache, id);
	if (fetched !== undefined) return id?.file === undefined ? fetched : join(fetched, id.file);
	throw new UserError(
		`${adapter}: the adapter changes the model ${JSON.stringify(name)}, which is not on this machine under that name. ` +
			'Give the base model as the model (rationale pull fetches it), and this folder as its adapter.',
	);
}

/**
 * Opens a bundled model, a folder, or a hub id that is in the cache; where that lies, `hubCacheFolder(process.env)` says. The
 * model is closed when the signal is aborted. Throws `UserError` when there is no such model or it cannot be used, and
 * `InterruptedError` where it is stopped before it is open.
 */
export async function openModel(
	name: string,
	adapter: string | null = null,
	hubCache = hubCacheFolder({}),
	signal?: AbortSignal,
): Promise<LanguageModel> {
	return openLocalModel(name, modelPlace(name, adapter, hubCache), defaultSettings, signal);
}

function hubFolder(name: string, hubCache: string): string {
	const id = parseHubId(name);
	const folder = cachedSnapshot(hubCache, id);
	if (folder !== undefined) return id.file === undefined ? folder : join(folder, id.file);
	throw new UserError(
		`"${name}" is no folder, and the Hugging Face cache (${hubCache}) does not hold it. Fetch it with: rationale pull ${name}`,
	);
}

function bundledFolder(name: string): string {
	const folder = fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
	if (existsSync(folder)) return folder;
	throw new UserError(
		`The bundled model "${name}" is not in ${folder}. Make it with: npm run train:tiny (about half an hour).`,
	);
}

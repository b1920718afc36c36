/** Finds a model by the name that a user gives: a bundled model or a folder. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError, unknownName } from '../core/errors.ts';
import { isAdapterFolder, readAdapterConfig } from './adapters/adapterConfig.ts';
import type { LanguageModel } from './languageModel.ts';
import { openLocalModel } from './localModel.ts';
import type { ModelPlace } from './modelPlace.ts';

/** One model that ships with the package. */
export interface BundledModel {
	readonly id: string;
	readonly description: string;
}

/** Models in `models/`, made by `npm run train:tiny`. */
export const bundledModels: readonly BundledModel[] = [
	{ id: 'tiny-base', description: 'has read the synthetic texts but learnt no task: its predictions are near chance' },
	{ id: 'tiny-instruct', description: 'classifies the three planted tasks and lists rationale words when asked' },
];

/** Returns the folder of a bundled model, or the name itself where it is an existing folder. Throws `UserError` otherwise. */
export function modelFolder(name: string): string {
	if (bundledModels.some(({ id }) => id === name)) return bundledFolder(name);
	if (existsSync(name)) return name;
	throw unknownName(
		'models',
		'model, neither bundled nor a folder,',
		name,
		bundledModels.map(({ id }) => id),
	);
}

/**
 * Returns where the files of a model lie: a bundled model, a folder, or a folder with an adapter, whose base model is then
 * the one its adapter_config.json names. `adapter` is a folder with an adapter for the named model.
 * Throws `UserError` where there is no such model.
 */
export function modelPlace(name: string, adapter: string | null = null): ModelPlace {
	const folder = modelFolder(name);
	if (adapter !== null) return { folder, adapter };
	return isAdapterFolder(folder) ? { folder: baseModelFolder(folder), adapter: folder } : { folder, adapter: null };
}

/** Base models are named by a path, taken from the adapter's folder or the one above it, or by a bundled model's name. */
function baseModelFolder(adapter: string): string {
	const name = readAdapterConfig(adapter).base_model_name_or_path ?? '';
	const places = [resolve(adapter, name), resolve(dirname(resolve(adapter)), name)];
	const found = name === '' ? undefined : places.find((place) => existsSync(join(place, 'config.json')));
	if (found !== undefined) return found;
	if (bundledModels.some(({ id }) => id === name)) return bundledFolder(name);
	throw new UserError(
		`${adapter}: the adapter changes the model ${JSON.stringify(name)}, which is not on this machine under that name. ` +
			'Give the folder of the base model as the model, and this folder as its adapter.',
	);
}

/** Opens a bundled model or a folder. Throws `UserError` when there is no such model or it cannot be used. */
export async function openModel(name: string, adapter: string | null = null): Promise<LanguageModel> {
	return openLocalModel(name, modelPlace(name, adapter));
}

function bundledFolder(name: string): string {
	const folder = fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
	if (existsSync(folder)) return folder;
	throw new UserError(
		`The bundled model "${name}" is not in ${folder}. Make it with: npm run train:tiny (about half an hour).`,
	);
}

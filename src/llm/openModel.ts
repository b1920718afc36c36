/** Finds a model by the name that a user gives: a bundled model or a folder. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError, unknownName } from '../core/errors.ts';
import type { LanguageModel } from './languageModel.ts';
import { openLocalModel } from './localModel.ts';

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

/** Opens a bundled model or a folder. Throws `UserError` when there is no such model or it cannot be used. */
export async function openModel(name: string): Promise<LanguageModel> {
	return openLocalModel(name, modelFolder(name));
}

function bundledFolder(name: string): string {
	const folder = fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
	if (existsSync(folder)) return folder;
	throw new UserError(
		`The bundled model "${name}" is not in ${folder}. Make it with: npm run train:tiny (about half an hour).`,
	);
}

/** Models that this machine can use: bundled ones, folders, models of the hub that were fetched. */
import { hubCacheFolder } from '../llm/hub/hubCache.ts';
import { openLocalModel } from '../llm/localModel.ts';
import { modelIdentity } from '../llm/modelIdentity.ts';
import type { ModelPlace } from '../llm/modelPlace.ts';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { bundledModels, modelPlace } from '../llm/openModel.ts';
import type { ModelEntry, ModelSource } from '../study/settings.ts';
import type { Environment } from './terminal.ts';

/** The calls throw `UserError` for a model that is not there, broken, or of an unknown architecture. */
export function modelsOf(environment: Environment): ModelSource {
	const hubCache = hubCacheFolder(environment);
	const placeOf = ({ id, path, hub, adapter }: ModelEntry): ModelPlace =>
		modelPlace(path ?? hub ?? id, adapter ?? null, hubCache);
	return {
		identify: async (model) => identityOf(placeOf(model)),
		open: (model) => openLocalModel(model.id, placeOf(model)),
		describe: (model) => bundledModels.find(({ id }) => id === model.id)?.description ?? described(placeOf(model)),
	};
}

function identityOf({ folder, adapter }: ModelPlace): string {
	return modelIdentity(loadDecoder(folder, adapter));
}

function described({ folder, adapter }: ModelPlace): string {
	return adapter === null ? folder : `${folder} with the adapter ${adapter}`;
}

/** Models of this machine: bundled ones and folders. */
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { modelIdentity } from '../llm/modelIdentity.ts';
import { bundledModels, modelPlace } from '../llm/openModel.ts';
import type { ModelPlace } from '../llm/modelPlace.ts';
import { openLocalModel } from '../llm/localModel.ts';
import type { ModelEntry, ModelSource } from '../study/settings.ts';

/** Throws `UserError`, as all of these do, for a model that is not there, broken, or of an unknown architecture. */
export const localModels: ModelSource = {
	identify: async (model) => identityOf(placeOf(model)),
	open: (model) => openLocalModel(model.id, placeOf(model)),
	describe: (model) => bundledModels.find(({ id }) => id === model.id)?.description ?? described(placeOf(model)),
};

function placeOf({ id, path, adapter }: ModelEntry): ModelPlace {
	return modelPlace(path ?? id, adapter ?? null);
}

function identityOf({ folder, adapter }: ModelPlace): string {
	return modelIdentity(loadDecoder(folder, adapter));
}

function described({ folder, adapter }: ModelPlace): string {
	return adapter === null ? folder : `${folder} with the adapter ${adapter}`;
}

/** Models of this machine: bundled ones and folders. */
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { modelIdentity } from '../llm/modelIdentity.ts';
import { bundledModels, modelFolder } from '../llm/openModel.ts';
import { openLocalModel } from '../llm/localModel.ts';
import type { ModelEntry, ModelSource } from '../study/settings.ts';

/** Throws `UserError`, as all of these do, for a model that is not there, broken, or of an unknown architecture. */
export const localModels: ModelSource = {
	identify: async (model) => modelIdentity(loadDecoder(folderOf(model)).checkpoint),
	open: (model) => openLocalModel(model.id, folderOf(model)),
	describe: (model) => bundledModels.find(({ id }) => id === model.id)?.description ?? folderOf(model),
};

function folderOf({ id, path }: ModelEntry): string {
	return modelFolder(path ?? id);
}

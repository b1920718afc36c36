/** The bundled models as they lie on this machine. */
import { existsSync } from 'node:fs';
import { UserError } from '../core/errors.ts';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { bundledModels, modelFolder } from '../llm/openModel.ts';
import { sizeOf } from '../study/models/machineModels.ts';

export interface ModelEntry {
	readonly id: string;
	readonly description: string;
	readonly folder: string;
	readonly architecture: string | null;
	readonly parameters: number | null;
	/** Size of the weights. */
	readonly bytes: number | null;
	/** Why it cannot be used, else null. */
	readonly problem: string | null;
}

/** Returns every bundled model, its files checked; weights are not read. */
export function modelInventory(): ModelEntry[] {
	return bundledModels.map(({ id, description }) => {
		const folder = modelFolder(id, '');
		return { id, description, folder, ...weightsOf(folder) };
	});
}

function weightsOf(folder: string): Pick<ModelEntry, 'architecture' | 'parameters' | 'bytes' | 'problem'> {
	const unusable = { architecture: null, parameters: null, bytes: null };
	if (!existsSync(folder)) return { ...unusable, problem: 'not there; in a checkout `npm run train:tiny` makes it' };
	try {
		const { checkpoint, family } = loadDecoder(folder);
		return { architecture: family.modelType, ...sizeOf(checkpoint), problem: null };
	} catch (error) {
		if (error instanceof UserError) return { ...unusable, problem: error.message };
		throw error;
	}
}

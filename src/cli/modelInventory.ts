/** The bundled models as they lie on this machine. */
import { existsSync } from 'node:fs';
import { UserError } from '../core/errors.ts';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import { bundledModels, modelFolder } from '../llm/openModel.ts';

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
		const tensors = [...checkpoint.tensors.values()];
		const parameters = tensors.reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
		const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
		return { architecture: family.modelType, parameters, bytes, problem: null };
	} catch (error) {
		if (error instanceof UserError) return { ...unusable, problem: error.message };
		throw error;
	}
}

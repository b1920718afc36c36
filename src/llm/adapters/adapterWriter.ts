/** Writes an adapter folder that PEFT loads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TensorToWrite, writeSafetensors } from '../weights/safetensorsWriter.ts';
import { type AdapterConfig, adapterConfigFile, adapterWeightsFile } from './adapterConfig.ts';

/** Factors under PEFT's names (`factorName`). */
export type AdapterTensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** Writes adapter_model.safetensors (float32) and adapter_config.json into an existing folder. */
export function writeAdapter(folder: string, config: AdapterConfig, tensors: AdapterTensors): void {
	writeSafetensors(join(folder, adapterWeightsFile), float32Tensors(tensors), { format: 'pt' });
	writeFileSync(join(folder, adapterConfigFile), `${JSON.stringify(sorted(config), null, 2)}\n`);
}

/** Returns parameters as what a file of float32 tensors is written from. */
export function float32Tensors(tensors: AdapterTensors): Record<string, TensorToWrite> {
	// Nothing here shares memory between threads, which is all that the wider type of the array allows.
	const entry = (shape: readonly number[], data: Float32Array): TensorToWrite => ({
		dtype: 'F32',
		shape,
		data: data as Float32Array<ArrayBuffer>,
	});
	return Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, entry(shape, data)]));
}

function sorted(config: AdapterConfig): Record<string, unknown> {
	return Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
}

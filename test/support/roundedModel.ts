/** What a model computes whose weights were rounded: the reference for weights with 8 and 4 bits. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bits } from '../../src/engine/graph/blockWeights.ts';
import { blockSize, quantise } from '../../src/llm/weights/quantise.ts';
import { readAsFloat32, readSafetensorsHeader } from '../../src/llm/weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/llm/weights/safetensorsWriter.ts';

/** Writes a copy of a model whose matrices hold, as float32, what is left of them with so many bits; the embeddings stay. */
export function writeRoundedModel(stored: string, target: string, bits: Bits): void {
	cpSync(stored, target, { recursive: true });
	const file = join(target, 'model.safetensors');
	const tensors = readSafetensorsHeader(file).tensors.map((entry): [string, TensorToWrite] => {
		const values = readAsFloat32(entry);
		const isMatrix = entry.shape.length === 2 && !entry.name.includes('embed_tokens');
		const data = Float32Array.from(isMatrix ? restored(values, bits) : values);
		return [entry.name, { dtype: 'F32', shape: entry.shape, data }];
	});
	const table = tensors.find(([name]) => name.includes('embed_tokens'))?.[1] as TensorToWrite;
	const head = { ...table, data: Float32Array.from(restored(Float32Array.from(table.data as Float32Array), bits)) };
	const config = join(target, 'config.json');
	writeFileSync(
		config,
		readFileSync(config, 'utf8').replace('"tie_word_embeddings": true', '"tie_word_embeddings": false'),
	);
	writeSafetensors(file, { ...Object.fromEntries(tensors), 'lm_head.weight': head });
}

/** Returns numbers after they were stored with so many bits. */
export function restored(values: Float32Array, bits: Bits): Float32Array {
	const { numbers, scales } = quantise(values, bits);
	return values.map((_, i) => {
		const q = bits === 8 ? (numbers[i] as number) : ((numbers[i >> 1] as number) >> (4 * (i & 1))) & 15;
		return (q - 2 ** (bits - 1)) * (scales[Math.floor(i / blockSize)] as number);
	});
}

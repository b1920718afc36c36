/** Model folders with random weights and the shapes of known models: enough to measure time and memory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../src/core/random.ts';
import { readModelConfig } from '../src/llm/models/config.ts';
import { familyOf } from '../src/llm/models/families.ts';
import { parameterShapes } from '../src/llm/models/loadDecoder.ts';
import { bfloat16FromFloat32, float16FromFloat32 } from '../src/llm/weights/floatConversion.ts';
import { writeSafetensors } from '../src/llm/weights/safetensorsWriter.ts';

/** Configs by name: SmolLM-135M's, TinyLlama-1.1B's, and a small one for trying things out. */
export const modelShapes = {
	'135m': llama(30, 576, 1536, 9, 3, 49152, true),
	'1.1b': llama(22, 2048, 5632, 32, 4, 32000, false),
	tiny: llama(2, 64, 128, 4, 2, 100, true),
	'20m': llama(6, 384, 1024, 6, 2, 16000, true),
} as const;

export type ModelShape = keyof typeof modelShapes;
export type FloatType = 'F32' | 'F16' | 'BF16';

function llama(
	...[layers, hidden, inner, heads, keyValueHeads, vocabulary, tied]: [
		number,
		number,
		number,
		number,
		number,
		number,
		boolean,
	]
) {
	return {
		model_type: 'llama',
		num_hidden_layers: layers,
		hidden_size: hidden,
		intermediate_size: inner,
		num_attention_heads: heads,
		num_key_value_heads: keyValueHeads,
		vocab_size: vocabulary,
		tie_word_embeddings: tied,
		hidden_act: 'silu',
		max_position_embeddings: 4096,
		rms_norm_eps: 1e-5,
		rope_theta: 10000,
	};
}

const converters = {
	F32: (values: Float32Array<ArrayBuffer>) => values,
	F16: float16FromFloat32,
	BF16: bfloat16FromFloat32,
} as const;

/** Drawn once and repeated: drawing a thousand million numbers would take longer than what is measured. */
const drawnNumbers = 2 ** 20;

/** Writes config.json and model.safetensors to a folder, which is made. */
export function writeRandomModel(folder: string, shape: ModelShape, type: FloatType): void {
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'config.json'), JSON.stringify(modelShapes[shape], null, '\t'));
	const config = readModelConfig(folder);
	const shapes = [...parameterShapes(familyOf(config), config)];
	const sizes = shapes.map(([, sizes]) => sizes.reduce((a, b) => a * b, 1));
	const pool = randomPool(Math.max(...sizes) + drawnNumbers, type);
	const tensors = shapes.map(([name, sizes_], i) => {
		const start = (i * 7919) % drawnNumbers;
		return [name, { dtype: type, shape: sizes_, data: pool.subarray(start, start + (sizes[i] as number)) }];
	});
	writeSafetensors(join(folder, 'model.safetensors'), Object.fromEntries(tensors));
}

function randomPool(length: number, type: FloatType): Float32Array | Uint16Array {
	const random = seededRandom('random model');
	const drawn = converters[type](Float32Array.from({ length: drawnNumbers }, () => 0.02 * random.normal()));
	const pool = drawn instanceof Float32Array ? new Float32Array(length) : new Uint16Array(length);
	for (let start = 0; start < length; start += drawnNumbers) pool.set(drawn.subarray(0, length - start), start);
	return pool;
}

/** A small decoder with random weights, of the shape that decoders have today: enough to measure time with. */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { weight } from '../../engine/graph/build.ts';
import { product, type Shape, sizeOf } from '../../engine/graph/shape.ts';
import type { WeightPlace } from '../../engine/onnx/emit.ts';
import type { Decoder, ModelConfig } from '../models/decoder.ts';
import { llama } from '../models/llama/llama.ts';
import { parameterShapes } from '../models/loadDecoder.ts';

/** Two blocks of the shape of SmolLM2-135M and a small vocabulary; after its last attention a pass goes on for few tokens. */
const config: ModelConfig = {
	file: 'the decoder of the calibration',
	values: {
		model_type: 'llama',
		num_hidden_layers: 2,
		hidden_size: 576,
		intermediate_size: 1536,
		num_attention_heads: 9,
		num_key_value_heads: 3,
		vocab_size: 256,
		tie_word_embeddings: true,
		hidden_act: 'silu',
		max_position_embeddings: 4096,
		rms_norm_eps: 1e-5,
		rope_theta: 10000,
	},
};

const file = 'weights';

export interface SampleDecoder {
	readonly decoder: Decoder;
	readonly place: (weightName: string) => WeightPlace;
}

/** Returns the decoder whose weights lie one after the other in a file that `writeSampleWeights` has written. */
export function sampleDecoder(): SampleDecoder {
	const offsets = offsetsOf(shapes());
	return {
		decoder: llama.createDecoder(config, (name: string, shape: Shape) => weight(name, shape)),
		place: (name) => ({ location: file, offset: offsets.get(name) as number }),
	};
}

/** Writes float32 weights with a mean of 0 and a deviation of 0.02 to a folder. */
export function writeSampleWeights(folder: string): void {
	const values = new Float32Array([...shapes().values()].reduce((total, shape) => total + countOf(shape), 0));
	// Marsaglia's xorshift: the many draws of a careful generator would take longer than what is measured.
	let state = randomInt(1, 2 ** 31);
	for (let i = 0; i < values.length; i++) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		values[i] = (0.02 * Math.sqrt(3) * state) / 2 ** 31;
	}
	writeFileSync(join(folder, file), values);
}

function shapes(): Map<string, Shape> {
	return new Map(parameterShapes(llama, config));
}

function offsetsOf(all: ReadonlyMap<string, Shape>): Map<string, number> {
	const offsets = new Map<string, number>();
	let offset = 0;
	for (const [name, shape] of all) {
		offsets.set(name, offset);
		offset += Float32Array.BYTES_PER_ELEMENT * countOf(shape);
	}
	return offsets;
}

function countOf(shape: Shape): number {
	return sizeOf(product(...shape), new Map());
}

/**
 * Gemma 3, text only (Kamath et al. 2025): Gemma 2's block without caps on scores, with norms of query and key heads;
 * layers with and without a window differ in their rotary positions.
 */
import { z } from 'zod';
import { layerTypes, size, sizeKeys, sizeOptions, windowOf } from '../parts/commonConfig.ts';
import { gemmaKeys, gemmaOptions } from './gemma2.ts';
import { rotaryByKind, rotaryByKindKeys } from '../parts/rotaryByKind.ts';
import type { DecoderFamily } from '../decoder.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...sizeKeys,
	...gemmaKeys,
	...rotaryByKindKeys,
	rope_theta: z.number().positive().default(1_000_000),
	rope_local_base_freq: z.number().positive().default(10_000),
	sliding_window_pattern: size.default(6),
	/** What `layer_types` was made from. */
	_sliding_window_pattern: size.optional(),
	final_logit_softcapping: z.number().positive().nullable().default(null),
});

type Values = z.infer<typeof schema>;

/** Every sixth layer sees all keys, unless the config says otherwise. */
function kindsOf(values: Values): z.infer<typeof layerTypes> {
	const isFull = (layer: number): boolean => (layer + 1) % values.sliding_window_pattern === 0;
	const byPlace = (_: unknown, layer: number) => (isFull(layer) ? 'full_attention' : 'sliding_attention');
	return values.layer_types ?? Array.from({ length: values.num_hidden_layers }, byPlace);
}

const family = rotaryFamily('gemma3_text', schema, (values, file) => {
	const options = sizeOptions(file, values);
	const theta = { everywhere: values.rope_theta, inWindow: values.rope_local_base_freq };
	const kinds = kindsOf(values);
	return {
		...options,
		...gemmaOptions(values),
		headNorms: true,
		rotary: rotaryByKind(file, values, theta, options.sizes, kinds),
		window: windowOf(file, kinds, options.sizes.layers, values.sliding_window),
		logitCap: values.final_logit_softcapping,
	};
});

/** Norms multiply by 1 + weight. */
export const gemma3: DecoderFamily = { ...family, neutralNorm: 0 };

/** What `Gemma3TextConfig` of transformers takes for keys that published wrappers leave out. */
export const gemma3Defaults = {
	vocab_size: 262_208,
	hidden_size: 2304,
	intermediate_size: 9216,
	num_hidden_layers: 26,
	num_attention_heads: 8,
	num_key_value_heads: 4,
	max_position_embeddings: 131_072,
	rms_norm_eps: 1e-6,
};

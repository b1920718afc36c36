/**
 * Gemma 3, text only (Kamath et al. 2025): Gemma 2's block without caps on scores, with norms of query and key heads;
 * layers with and without a window differ in their rotary positions.
 */
import { z } from 'zod';
import { layerTypes, size, sizeKeys, sizeOptions, windowOf } from './commonConfig.ts';
import { gemmaKeys, gemmaOptions } from './gemma2.ts';
import { rotaryPositions } from './rotary.ts';
import type { DecoderFamily } from './decoder.ts';
import { rotaryFamily } from './rotaryFamily.ts';

const settings = z.record(z.string(), z.unknown());

const schema = z.object({
	...sizeKeys,
	...gemmaKeys,
	rope_parameters: z
		.strictObject({ full_attention: settings.nullish(), sliding_attention: settings.nullish() })
		.nullish(),
	rope_scaling: settings.nullish(),
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
	const { full_attention: everywhere, sliding_attention: local } = values.rope_parameters ?? {};
	const globalSettings = { rope_theta: values.rope_theta, ...everywhere, ...values.rope_scaling };
	const localSettings = { rope_theta: values.rope_local_base_freq, ...local };
	const rotary = {
		full_attention: rotaryPositions(file, globalSettings, options.sizes),
		sliding_attention: rotaryPositions(file, localSettings, options.sizes),
	};
	const kinds = kindsOf(values);
	return {
		...options,
		...gemmaOptions(values),
		headNorms: true,
		rotary: (layer) => rotary[kinds[layer] ?? 'full_attention'],
		window: windowOf(file, kinds, options.sizes.layers, values.sliding_window),
		logitCap: values.final_logit_softcapping,
	};
});

/** Norms multiply by 1 + weight. */
export const gemma3: DecoderFamily = { ...family, neutralNorm: 0 };

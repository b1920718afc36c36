/**
 * Ministral 3 (Mistral AI 2025): Mistral's block without a window, with YaRN. From the original context length on,
 * queries are multiplied by 1 + beta ln(1 + floor(position / original)); before it that factor is 1.
 */
import { z } from 'zod';
import {
	activationName,
	activations,
	layerTypes,
	size,
	sizeKeys,
	sizeOptions,
	uniformWindow,
} from '../parts/commonConfig.ts';
import { rotaryPositions } from '../parts/rotary.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

/** What transformers takes where a config has no `rope_parameters`. */
const asPublished = {
	rope_type: 'yarn',
	rope_theta: 1_000_000,
	factor: 16,
	original_max_position_embeddings: 16_384,
	beta_fast: 32,
	beta_slow: 1,
	mscale: 1,
	mscale_all_dim: 1,
	llama_4_scaling_beta: 0.1,
};

const schema = z.object({
	...sizeKeys,
	head_dim: size.nullable().default(128),
	hidden_act: activationName,
	sliding_window: size.nullable().default(null),
	layer_types: layerTypes.nullish(),
	rope_parameters: z
		.looseObject({
			llama_4_scaling_beta: z.number().min(0).nullish(),
			original_max_position_embeddings: size.optional(),
			/** The same as that of the model. */
			max_position_embeddings: z.unknown().optional(),
		})
		.nullish(),
});

export const ministral3 = rotaryFamily('ministral3', schema, (values, file) => {
	const options = sizeOptions(file, values);
	const given = values.rope_parameters ?? asPublished;
	const {
		llama_4_scaling_beta: beta,
		max_position_embeddings: _,
		...settings
	} = { max_position_embeddings: 0, ...given };
	const rotary = rotaryPositions(file, settings, options.sizes);
	const original = given.original_max_position_embeddings ?? options.sizes.contextLength;
	const contextLength = beta ? Math.min(original, rotary.contextLength) : rotary.contextLength;
	return {
		...options,
		sizes: { ...options.sizes, contextLength },
		activation: activations[values.hidden_act],
		rotary: () => rotary,
		window: uniformWindow(file, values.layer_types, values.sliding_window),
	};
});

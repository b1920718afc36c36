/**
 * Gemma 2 (Riviere et al. 2024): norms before and after attention and MLP that multiply by 1 + w, soft caps on scores
 * and logits, windows in every other layer, scaled embeddings.
 */
import { z } from 'zod';
import { add, scalar } from '../../../engine/graph/build.ts';
import {
	activationName,
	activations,
	commonKeys,
	commonOptions,
	layerTypes,
	size,
	windowOf,
} from '../parts/commonConfig.ts';
import type { DecoderFamily } from '../decoder.ts';
import { type RotaryOptions, rotaryFamily } from '../parts/rotaryFamily.ts';

/** Keys that Gemma 2 and 3 share. */
export const gemmaKeys = {
	hidden_activation: activationName.default('gelu_pytorch_tanh'),
	/** Written by older versions and read by none. */
	hidden_act: z.string().optional(),
	head_dim: size.default(256),
	tie_word_embeddings: z.boolean().default(true),
	attention_bias: z.boolean().default(false),
	query_pre_attn_scalar: z.number().positive().default(256),
	sliding_window: size.nullable().default(4096),
	layer_types: layerTypes.nullish(),
};

type GemmaValues = z.infer<z.ZodObject<typeof gemmaKeys>> & { readonly hidden_size: number };

/** Returns the options that `gemmaKeys` give. */
export function gemmaOptions(values: GemmaValues) {
	return {
		activation: activations[values.hidden_activation],
		biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
		norms: {
			beforeAttention: 'input_layernorm',
			beforeMlp: 'pre_feedforward_layernorm',
			afterAttention: 'post_attention_layernorm',
			afterMlp: 'post_feedforward_layernorm',
		},
		normWeight: (weight) => add(weight, scalar(1)),
		scoreScale: values.query_pre_attn_scalar ** -0.5,
		embeddingScale: Math.sqrt(values.hidden_size),
	} satisfies Partial<RotaryOptions>;
}

const cap = z.number().positive().nullable();

const schema = z.object({
	...commonKeys,
	...gemmaKeys,
	attn_logit_softcapping: cap.default(50),
	final_logit_softcapping: cap.default(30),
});

const family = rotaryFamily('gemma2', schema, (values, file) => {
	const layers = values.num_hidden_layers;
	const alternating = Array.from({ length: layers }, (_, i) => (i % 2 === 0 ? 'sliding_attention' : 'full_attention'));
	return {
		...commonOptions(file, values),
		...gemmaOptions(values),
		window: windowOf(file, values.layer_types ?? alternating, layers, values.sliding_window),
		scoreCap: values.attn_logit_softcapping,
		logitCap: values.final_logit_softcapping,
	};
});

/** Norms multiply by 1 + weight. */
export const gemma2: DecoderFamily = { ...family, neutralNorm: 0 };

/**
 * OLMo 2 (OLMo team 2024): Llama's block whose norms stand after attention and MLP instead of before; queries and keys
 * are normed over all heads together.
 */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, withoutWindows } from '../parts/commonConfig.ts';
import { type RotaryOptions, rotaryFamily } from '../parts/rotaryFamily.ts';

/** Keys that OLMo 2 and 3 share. */
export const olmoKeys = {
	hidden_act: activationName.default('silu'),
	attention_bias: z.boolean().default(false),
};

/** Returns the options that `olmoKeys` give. */
export function olmoOptions(values: z.infer<z.ZodObject<typeof olmoKeys>>) {
	return {
		activation: activations[values.hidden_act],
		biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
		widthNorms: true,
		norms: {
			beforeAttention: null,
			afterAttention: 'post_attention_layernorm',
			beforeMlp: null,
			afterMlp: 'post_feedforward_layernorm',
		},
	} satisfies Partial<RotaryOptions>;
}

const schema = z.object({ ...commonKeys, ...withoutWindows, ...olmoKeys });

export const olmo2 = rotaryFamily('olmo2', schema, (values, file) => ({
	...commonOptions(file, values),
	...olmoOptions(values),
}));

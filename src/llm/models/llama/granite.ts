/** Granite 3 (IBM 2024): Llama's block with factors on embeddings, scores, what is added, and logits. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, withoutWindows } from '../parts/commonConfig.ts';
import { type RotaryOptions, rotaryFamily } from '../parts/rotaryFamily.ts';

const factor = z.number().positive().default(1);

/** Keys that all Granite models share. */
export const graniteKeys = {
	hidden_act: activationName.default('silu'),
	attention_bias: z.boolean().default(false),
	embedding_multiplier: factor,
	attention_multiplier: factor,
	residual_multiplier: factor,
	logits_scaling: factor,
};

/** Returns the options that `graniteKeys` give. */
export function graniteOptions(values: z.infer<z.ZodObject<typeof graniteKeys>>) {
	return {
		activation: activations[values.hidden_act],
		embeddingScale: values.embedding_multiplier,
		scoreScale: values.attention_multiplier,
		residualScale: values.residual_multiplier,
		logitScale: 1 / values.logits_scaling,
	} satisfies Partial<RotaryOptions>;
}

const schema = z.object({ ...commonKeys, ...withoutWindows, ...graniteKeys, mlp_bias: z.boolean().default(false) });

export const granite = rotaryFamily('granite', schema, (values, file) => ({
	...commonOptions(file, values),
	...graniteOptions(values),
	biases: {
		queryKeyValue: values.attention_bias,
		attentionOutput: values.attention_bias,
		mlp: values.mlp_bias,
	},
}));

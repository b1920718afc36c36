/** Llama 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024): rotary positions, grouped queries, gated MLP. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, withoutWindows } from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	...withoutWindows,
	hidden_act: activationName,
	attention_bias: z.boolean().default(false),
	mlp_bias: z.boolean().default(false),
});

export const llama = rotaryFamily('llama', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	biases: {
		queryKeyValue: values.attention_bias,
		attentionOutput: values.attention_bias,
		mlp: values.mlp_bias,
	},
}));

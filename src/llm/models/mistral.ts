/** Mistral (Jiang et al. 2023): Llama's block, whose queries see only the latest keys. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, size } from './commonConfig.ts';
import { rotaryFamily } from './rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	hidden_act: activationName,
	attention_bias: z.literal(false).optional(),
	sliding_window: size.nullable().default(4096),
});

export const mistral = rotaryFamily('mistral', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	window: () => values.sliding_window,
}));

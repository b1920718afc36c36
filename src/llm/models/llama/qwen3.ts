/** Qwen3 (Yang et al. 2025): Llama's block with norms of query and key heads; late layers may have a window. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, size } from '../parts/commonConfig.ts';
import { qwenWindow, qwenWindowKeys } from './qwen2.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	...qwenWindowKeys,
	head_dim: size.default(128),
	hidden_act: activationName,
	attention_bias: z.boolean().default(false),
});

export const qwen3 = rotaryFamily('qwen3', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	window: qwenWindow(file, values, values.num_hidden_layers),
	biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
	headNorms: true,
}));

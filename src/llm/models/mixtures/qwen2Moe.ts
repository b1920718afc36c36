/** Qwen 1.5 and 2 with experts (Yang et al. 2024): Qwen 2's block with a mixture of experts and one expert for all rows. */
import { z } from 'zod';
import { activations, commonKeys, commonOptions, size } from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';
import { qwenMixture, qwenMixtureKeys } from './qwen3Moe.ts';

const schema = z.object({
	...commonKeys,
	...qwenMixtureKeys,
	shared_expert_intermediate_size: size,
	qkv_bias: z.boolean().default(true),
});

export const qwen2Moe = rotaryFamily('qwen2_moe', schema, (values, file) => ({
	...commonOptions(file, values),
	activation: activations[values.hidden_act],
	biases: { queryKeyValue: values.qkv_bias, attentionOutput: false, mlp: false },
	mlp: qwenMixture(values, values.shared_expert_intermediate_size),
}));

/** OLMoE (Muennighoff et al. 2024): Llama's block with norms of queries and keys over all heads, and experts in every layer. */
import { z } from 'zod';
import { activationName, activations, commonKeys, commonOptions, size, withoutWindows } from '../parts/commonConfig.ts';
import { namedMixture } from '../parts/mixture.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	...withoutWindows,
	hidden_act: activationName.default('silu'),
	attention_bias: z.boolean().default(false),
	num_experts: size,
	num_experts_per_tok: size,
	norm_topk_prob: z.boolean().default(false),
});

export const olmoe = rotaryFamily('olmoe', schema, (values, file) => {
	const activation = activations[values.hidden_act];
	const expert = {
		hidden: values.hidden_size,
		inner: values.intermediate_size,
		activation,
		joined: null,
		biased: false,
	};
	return {
		...commonOptions(file, values),
		activation,
		biases: { queryKeyValue: values.attention_bias, attentionOutput: values.attention_bias, mlp: false },
		widthNorms: true,
		mlp: (parameter, name) =>
			namedMixture(parameter, `${name}.mlp`, {
				experts: values.num_experts,
				chosen: values.num_experts_per_tok,
				isNormalised: values.norm_topk_prob,
				expert,
			}),
	};
});

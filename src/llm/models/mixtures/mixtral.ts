/** Mixtral (Jiang et al. 2024): Mistral's block, whose MLP is a mixture of experts with names of their own. */
import { z } from 'zod';
import {
	activationName,
	activations,
	commonKeys,
	commonOptions,
	layerTypes,
	size,
	uniformWindow,
} from '../parts/commonConfig.ts';
import { namedMixture } from '../parts/mixture.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	hidden_act: activationName,
	num_local_experts: size,
	num_experts_per_tok: size,
	sliding_window: size.nullable().default(null),
	layer_types: layerTypes.nullish(),
});

export const mixtral = rotaryFamily('mixtral', schema, (values, file) => {
	const activation = activations[values.hidden_act];
	return {
		...commonOptions(file, values, 1_000_000),
		activation,
		window: uniformWindow(file, values.layer_types, values.sliding_window),
		mlp: (parameter, name) =>
			namedMixture(parameter, `${name}.block_sparse_moe`, {
				experts: values.num_local_experts,
				chosen: values.num_experts_per_tok,
				isNormalised: true,
				expert: {
					hidden: values.hidden_size,
					inner: values.intermediate_size,
					activation,
					joined: null,
					apart: ['w1', 'w3'],
					down: 'w2',
					biased: false,
				},
			}),
	};
});

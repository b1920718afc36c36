/** SmolLM3 (Hugging Face 2025): Llama's block; some layers, every fourth if the config says nothing, have no positions. */
import { z } from 'zod';
import { UserError } from '../../../core/errors.ts';
import {
	activationName,
	activations,
	commonKeys,
	commonOptions,
	layerTypes,
	size,
	windowOf,
} from '../parts/commonConfig.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...commonKeys,
	hidden_act: activationName,
	attention_bias: z.boolean().default(false),
	mlp_bias: z.boolean().default(false),
	tie_word_embeddings: z.boolean().default(true),
	/** By layer: 1 with rotary positions, 0 without. */
	no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
	no_rope_layer_interval: size.default(4),
	use_sliding_window: z.boolean().default(false),
	sliding_window: size.nullable().default(null),
	max_window_layers: z.number().optional(),
	layer_types: layerTypes.nullish(),
});

type Values = z.infer<typeof schema>;

/** Returns for each layer whether it has rotary positions. */
function placedLayers(file: string, values: Values): boolean[] {
	const { num_hidden_layers: layers, no_rope_layers: given, no_rope_layer_interval: interval } = values;
	if (given != null && given.length < layers) {
		throw new UserError(`${file}: no_rope_layers has ${given.length} entries for ${layers} layers.`);
	}
	return Array.from({ length: layers }, (_, i) => (given == null ? (i + 1) % interval !== 0 : given[i] === 1));
}

export const smollm3 = rotaryFamily('smollm3', schema, (values, file) => {
	const options = commonOptions(file, values, 2_000_000);
	const isPlaced = placedLayers(file, values);
	const window = values.use_sliding_window ? values.sliding_window : null;
	const byPlace = isPlaced.map((placed) =>
		window !== null && !placed ? ('sliding_attention' as const) : ('full_attention' as const),
	);
	const { attention_bias, mlp_bias } = values;
	return {
		...options,
		activation: activations[values.hidden_act],
		biases: { queryKeyValue: attention_bias, attentionOutput: attention_bias, mlp: mlp_bias },
		rotary: (layer) => (isPlaced[layer] ? options.rotary(layer) : null),
		window: windowOf(file, values.layer_types ?? byPlace, options.sizes.layers, window),
	};
});

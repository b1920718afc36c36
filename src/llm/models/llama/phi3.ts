/**
 * Phi-3, 3.5 and 4 (Abdin et al. 2024): Llama's block with q, k, v in one weight, gate and up in another; a part of each
 * head may be rotated, queries may see only the latest keys.
 */
import { z } from 'zod';
import {
	activationName,
	activations,
	layerTypes,
	size,
	sizeKeys,
	sizeOptions,
	uniformWindow,
} from '../parts/commonConfig.ts';
import { partialRotaryKeys, partialRotarySettings, rotaryPositions } from '../parts/rotary.ts';
import { rotaryFamily } from '../parts/rotaryFamily.ts';

const schema = z.object({
	...sizeKeys,
	...partialRotaryKeys,
	hidden_act: activationName,
	sliding_window: size.nullable().default(null),
	layer_types: layerTypes.nullish(),
	original_max_position_embeddings: size.default(4096),
	/** Written for other implementations; transformers reads neither. */
	full_attn_mod: z.literal(1).optional(),
	interpolate_factor: z.literal(1).optional(),
});

type Values = z.infer<typeof schema>;

/** Returns the rotary settings; "su" and "yarn" are older names of longrope here. */
function longRopeSettings(values: Values, { type, ...settings }: Record<string, unknown>): Record<string, unknown> {
	const named = settings['rope_type'] ?? type ?? 'default';
	if (named === 'default') return settings;
	return {
		...settings,
		rope_type: named === 'su' || named === 'yarn' ? 'longrope' : named,
		original_max_position_embeddings: values.original_max_position_embeddings,
	};
}

export const phi3 = rotaryFamily('phi3', schema, (values, file) => {
	const options = sizeOptions(file, values);
	const { settings, share } = partialRotarySettings(values, 1);
	const rotary = rotaryPositions(file, longRopeSettings(values, settings), options.sizes, share);
	return {
		...options,
		sizes: { ...options.sizes, contextLength: rotary.contextLength },
		activation: activations[values.hidden_act],
		rotary: () => rotary,
		window: uniformWindow(file, values.layer_types, values.sliding_window),
		joinedWeights: true,
	};
});

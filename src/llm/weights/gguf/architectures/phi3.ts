/** Phi-3, 3.5 and 4: divisors of rotary frequencies lie in two tensors, a part of each head may stay unturned. */
import type { ModelKeys } from '../modelKeys.ts';
import { type Architecture, commonNames, type ConfigValues, unchanged } from './architecture.ts';
import { sizesOf } from './commonConfig.ts';

function rotary(keys: ModelKeys, sizes: ConfigValues): ConfigValues {
	const headWidth = Number(sizes['head_dim']);
	const turned = keys.number('rope.dimension_count') ?? headWidth;
	const [short, long] = [keys.tensorValues('rope_factors_short.weight'), keys.tensorValues('rope_factors_long.weight')];
	const base = {
		rope_theta: keys.number('rope.freq_base') ?? 10_000,
		partial_rotary_factor: turned / headWidth,
		original_max_position_embeddings:
			keys.number('rope.scaling.original_context_length') ?? Number(sizes['max_position_embeddings']),
	};
	const factor = keys.number('rope.scaling.attn_factor');
	if (short === undefined || long === undefined) return base;
	const scaling = { type: 'longrope', short_factor: short, long_factor: long, attention_factor: factor ?? null };
	return { ...base, rope_scaling: scaling };
}

export const phi3: Architecture = {
	name: 'phi3',
	...commonNames,
	inBlock: { ...commonNames.inBlock, ['attn_qkv']: 'self_attn.qkv_proj', ['ffn_up']: 'mlp.gate_up_proj' },
	config: (keys) => {
		const { head_dim: headWidth, ...sizes } = sizesOf(keys);
		const window = keys.number('attention.sliding_window');
		return {
			model_type: 'phi3',
			...sizes,
			...rotary(keys, { ...sizes, head_dim: headWidth }),
			hidden_act: 'silu',
			sliding_window: window === undefined || window === 0 ? null : window,
		};
	},
	change: unchanged,
};

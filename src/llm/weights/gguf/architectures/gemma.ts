/** Gemma, Gemma 2 and 3. Norms are stored with the 1 that is added to their weights. */
import type { StoredChange } from '../../storedChange.ts';
import type { ModelKeys } from '../modelKeys.ts';
import { type Architecture, commonNames, type ConfigValues, headNormNames } from './architecture.ts';
import { rotaryOf, sizesOf } from './commonConfig.ts';

const inBlock = {
	...commonNames.inBlock,
	['ffn_norm']: 'pre_feedforward_layernorm',
	['post_attention_norm']: 'post_attention_layernorm',
	['post_ffw_norm']: 'post_feedforward_layernorm',
};

const normsPlusOne = (name: string): StoredChange | null => (name.endsWith('norm.weight') ? { kind: 'plusOne' } : null);

/** Scores are divided by the square root of a head's width, but in the models of 27 billion, by another width. */
function scoreWidth(sizes: ConfigValues, layersOfLargest: number): number {
	const isLargest = sizes['num_hidden_layers'] === layersOfLargest;
	return isLargest ? Number(sizes['hidden_size']) / Number(sizes['num_attention_heads']) : Number(sizes['head_dim']);
}

const activation = { hidden_activation: 'gelu_pytorch_tanh' };

export const gemma: Architecture = {
	name: 'gemma',
	...commonNames,
	config: (keys: ModelKeys) => {
		const sizes = sizesOf(keys);
		return { model_type: 'gemma', ...sizes, ...rotaryOf(keys, sizes), ...activation };
	},
	change: normsPlusOne,
};

export const gemma2: Architecture = {
	name: 'gemma2',
	...commonNames,
	inBlock,
	config: (keys: ModelKeys) => {
		const sizes = sizesOf(keys);
		return {
			model_type: 'gemma2',
			...sizes,
			...rotaryOf(keys, sizes),
			...activation,
			query_pre_attn_scalar: scoreWidth(sizes, 46),
			sliding_window: keys.number('attention.sliding_window') ?? 4096,
			attn_logit_softcapping: keys.number('attn_logit_softcapping') ?? 50,
			final_logit_softcapping: keys.number('final_logit_softcapping') ?? 30,
		};
	},
	change: normsPlusOne,
};

export const gemma3: Architecture = {
	name: 'gemma3',
	...commonNames,
	inBlock: { ...inBlock, ...headNormNames },
	config: (keys: ModelKeys) => {
		const sizes = sizesOf(keys);
		const base = keys.number('rope.freq_base') ?? 1_000_000;
		return {
			model_type: 'gemma3_text',
			...sizes,
			...rotaryOf(keys, sizes),
			rope_theta: base,
			...activation,
			query_pre_attn_scalar: scoreWidth(sizes, 62),
			sliding_window: keys.number('attention.sliding_window') ?? 1024,
			sliding_window_pattern: keys.number('attention.sliding_window_pattern') ?? 6,
			rope_local_base_freq: keys.number('rope.freq_base_swa') ?? 10_000,
			final_logit_softcapping: keys.number('final_logit_softcapping') ?? null,
		};
	},
	change: normsPlusOne,
};

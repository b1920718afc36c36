/** Phi 1, 1.5 and 2. */
import { type Architecture, commonNames, unchanged } from './architecture.ts';
import { tokensOf, vocabularyOf } from './commonConfig.ts';

export const phi2: Architecture = {
	name: 'phi2',
	outside: { ...commonNames.outside, ['output_norm']: 'model.final_layernorm' },
	blocks: commonNames.blocks,
	inBlock: {
		['attn_norm']: 'input_layernorm',
		['attn_q']: 'self_attn.q_proj',
		['attn_k']: 'self_attn.k_proj',
		['attn_v']: 'self_attn.v_proj',
		['attn_output']: 'self_attn.dense',
		['ffn_up']: 'mlp.fc1',
		['ffn_down']: 'mlp.fc2',
	},
	config: (keys) => {
		const [heads, width] = [keys.required('attention.head_count'), keys.required('embedding_length')];
		return {
			model_type: 'phi',
			vocab_size: vocabularyOf(keys),
			hidden_size: width,
			intermediate_size: keys.required('feed_forward_length'),
			num_hidden_layers: keys.required('block_count'),
			num_attention_heads: heads,
			num_key_value_heads: keys.number('attention.head_count_kv') ?? heads,
			max_position_embeddings: keys.required('context_length'),
			layer_norm_eps: keys.required('attention.layer_norm_epsilon'),
			rope_theta: keys.number('rope.freq_base') ?? 10_000,
			partial_rotary_factor: keys.required('rope.dimension_count') / (width / heads),
			hidden_act: 'gelu_new',
			tie_word_embeddings: !keys.has('output.weight'),
			...tokensOf(keys),
		};
	},
	change: unchanged,
};

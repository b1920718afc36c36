/** GPT-NeoX (Pythia): rows of queries, keys and values lie by kind, where the Hugging Face layout has them head by head. */
import type { StoredChange } from '../../storedChange.ts';
import { tokensOf, vocabularyOf } from './commonConfig.ts';
import type { Architecture } from './architecture.ts';

const layer = 'gpt_neox.layers';

export const gptNeox: Architecture = {
	name: 'gptneox',
	outside: {
		['token_embd']: 'gpt_neox.embed_in',
		['output_norm']: 'gpt_neox.final_layer_norm',
		output: 'embed_out',
	},
	blocks: layer,
	inBlock: {
		['attn_norm']: 'input_layernorm',
		['attn_qkv']: 'attention.query_key_value',
		['attn_output']: 'attention.dense',
		['ffn_norm']: 'post_attention_layernorm',
		['ffn_up']: 'mlp.dense_h_to_4h',
		['ffn_down']: 'mlp.dense_4h_to_h',
	},
	config: (keys) => {
		const [heads, width] = [keys.required('attention.head_count'), keys.required('embedding_length')];
		return {
			model_type: 'gpt_neox',
			vocab_size: vocabularyOf(keys),
			hidden_size: width,
			intermediate_size: keys.required('feed_forward_length'),
			num_hidden_layers: keys.required('block_count'),
			num_attention_heads: heads,
			max_position_embeddings: keys.required('context_length'),
			layer_norm_eps: keys.required('attention.layer_norm_epsilon'),
			rotary_pct: keys.required('rope.dimension_count') / (width / heads),
			rotary_emb_base: keys.number('rope.freq_base') ?? 10_000,
			use_parallel_residual: keys.flag('use_parallel_residual') ?? true,
			hidden_act: 'gelu',
			tie_word_embeddings: !keys.has('output.weight'),
			...tokensOf(keys),
		};
	},
	change: (name, config): StoredChange | null => {
		const isJoined = /\.query_key_value\.(weight|bias)$/u.test(name);
		return isJoined ? { kind: 'headsByKind', heads: Number(config['num_attention_heads']) } : null;
	},
};

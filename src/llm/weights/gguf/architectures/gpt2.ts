/** GPT-2, whose matrices the Hugging Face layout has the other way round. */
import type { StoredChange } from '../../storedChange.ts';
import { requiredSame, tokensOf, vocabularyOf } from './commonConfig.ts';
import type { Architecture } from './architecture.ts';

export const gpt2: Architecture = {
	name: 'gpt2',
	outside: {
		['token_embd']: 'transformer.wte',
		['position_embd']: 'transformer.wpe',
		['output_norm']: 'transformer.ln_f',
		output: 'lm_head',
	},
	blocks: 'transformer.h',
	inBlock: {
		['attn_norm']: 'ln_1',
		['attn_qkv']: 'attn.c_attn',
		['attn_output']: 'attn.c_proj',
		['ffn_norm']: 'ln_2',
		['ffn_up']: 'mlp.c_fc',
		['ffn_down']: 'mlp.c_proj',
	},
	config: (keys) => ({
		model_type: 'gpt2',
		vocab_size: vocabularyOf(keys),
		n_positions: keys.required('context_length'),
		n_embd: keys.required('embedding_length'),
		n_layer: keys.required('block_count'),
		n_head: requiredSame(keys, 'attention.head_count'),
		n_inner: requiredSame(keys, 'feed_forward_length'),
		activation_function: 'gelu_new',
		layer_norm_epsilon: keys.number('attention.layer_norm_epsilon') ?? 1e-5,
		tie_word_embeddings: !keys.has('output.weight'),
		...tokensOf(keys),
	}),
	change: (name): StoredChange | null => (/\.c_(attn|proj|fc)\.weight$/u.test(name) ? { kind: 'transposed' } : null),
};

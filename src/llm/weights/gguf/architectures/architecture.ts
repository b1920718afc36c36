/** What one architecture of llama.cpp is in the Hugging Face layout. */
import type { StoredChange } from '../../storedChange.ts';
import type { ModelKeys } from '../modelKeys.ts';

export type ConfigValues = Readonly<Record<string, unknown>>;

export interface Architecture {
	/** `general.architecture`. */
	readonly name: string;
	/** Returns what config.json would say. Throws `UserError` for what is not handled. */
	config(keys: ModelKeys): ConfigValues;
	/** Names without `.weight` and `.bias`, outside of blocks and in them (`blk.N.`). */
	readonly outside: Readonly<Record<string, string>>;
	readonly inBlock: Readonly<Record<string, string>>;
	/** What blocks are called, in front of their number. */
	readonly blocks: string;
	/** Returns how a tensor differs from the Hugging Face layout, by the name it has there; null where it does not. */
	change(name: string, config: ConfigValues): StoredChange | null;
}

/** Names that nearly all architectures share. */
export const commonNames = {
	outside: { ['token_embd']: 'model.embed_tokens', output: 'lm_head', ['output_norm']: 'model.norm' },
	blocks: 'model.layers',
	inBlock: {
		['attn_norm']: 'input_layernorm',
		['attn_q']: 'self_attn.q_proj',
		['attn_k']: 'self_attn.k_proj',
		['attn_v']: 'self_attn.v_proj',
		['attn_output']: 'self_attn.o_proj',
		['ffn_norm']: 'post_attention_layernorm',
		['ffn_gate']: 'mlp.gate_proj',
		['ffn_up']: 'mlp.up_proj',
		['ffn_down']: 'mlp.down_proj',
	},
} as const;

/** Norms of query and key heads. */
export const headNormNames = { ['attn_q_norm']: 'self_attn.q_norm', ['attn_k_norm']: 'self_attn.k_norm' } as const;

/** Nothing is stored in another way. */
export const unchanged = (): null => null;

/** Rows of queries and keys, and their biases, as the converters of Llama and its kin write them. */
export function pairedRows(name: string, config: ConfigValues): StoredChange | null {
	const part = /\.self_attn\.([qk])_proj\.(weight|bias)$/u.exec(name)?.[1];
	if (part === undefined) return null;
	const heads = Number(config[part === 'q' ? 'num_attention_heads' : 'num_key_value_heads']);
	return { kind: 'rotaryPairs', heads };
}

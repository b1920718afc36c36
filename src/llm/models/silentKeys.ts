/**
 * Which keys of config.json say nothing about what a forward pass computes (docs/decisions/0013-config-keys.md). A key
 * that is not silent and that a family does not handle may change the mathematics, and is refused.
 */

/** Where the file comes from, and how its authors loaded and ran it; weights say their own type. */
const history = [
	/(^|_)name_or_path$/,
	/(^|_)dtype$/,
	/^(transformers|torch|peft|unsloth|transformers\.js|llama_factory|axolotl)_?version$/,
	/^_?(commit_hash|attn_implementation(_autoset|_internal)?|flash_attn_2_enabled|use_flash_attention(_2)?)$/,
	/^use_(cache|bfloat16|flash_attn)$/,
	/^(architectures|auto_map|model_type|is_llama_config|unsloth_fixed|transformers\.js_config|output_past)$/,
	/^(pretraining_tp|torchscript|return_dict|output_(attentions|hidden_states)|chunk_size_feed_forward)$/,
];

/** How long texts were in training: positions say what can be computed. */
const lengths = /^(max_sequence_length|max_seq_len(gth)?|seq_len(gth)?|model_max_length)$/;

/** Initial values, dropout, losses, and other tasks than the next token; left-over weights are refused anyway. */
const training = [
	/dropout/,
	/_pdrop$/,
	/^(initializer|init)_(range|factor|std|device|method)$/,
	/^gradient_checkpointing/,
	/(^|_)loss(_|$)/,
	/^(_num_labels|num_labels|id2label|label2id|problem_type|finetuning_task|task_specific_params)$/,
	/^summary_(type|use_proj|activation|proj_to_labels|first_dropout)$/,
	/^(is_decoder|ignore_index|router_jitter_noise|output_router_logits|router_aux_loss_coef)$/,
];

/** Tokens, and settings of generation: it is greedy here. */
const generation = [
	/^(bos|eos|pad|sep|cls|mask|unk|image|decoder_start)_token_id$/,
	/^(tokenizer_class|prefix)$/,
	/^(max|min)(_new)?_(length|tokens)$/,
	/^(do_sample|temperature|top_k|top_p|min_p|typical_p|early_stopping|cache_implementation)$/,
	/^(num_beams|num_beam_groups|num_return_sequences|diversity_penalty)$/,
	/^(encoder_)?(repetition_penalty|no_repeat_ngram_size)$/,
	/^(length_penalty|exponential_decay_length_penalty|epsilon_cutoff|eta_cutoff)$/,
	/^(forced_(bos|eos)_token_id|bad_words_ids|(begin_)?suppress_tokens|remove_invalid_values)$/,
	/^(output_scores|return_dict_in_generate|num_assistant_tokens(_schedule)?)$/,
	/^(assistant_confidence_threshold|assistant_lookbehind|target_lookbehind)$/,
];

const silent = [...history, lengths, ...training, ...generation];

/** Switches that are on where a config says nothing, in all families: to switch them off changes what is computed. */
const onByDefault = new Set(['is_causal', 'use_rope', 'use_rotary', 'use_positional_embedding']);

/** Returns whether a key that a family does not handle says nothing, whatever the family is. */
export function saysNothing(key: string, value: unknown): boolean {
	if (isEmpty(value)) return !onByDefault.has(key) || value === null;
	return silent.some((pattern) => pattern.test(key));
}

/** Null, false, {} and []: the feature that the key names is not used. */
export function isEmpty(value: unknown): boolean {
	if (value === null || value === false) return true;
	return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Reading of config.json: only what is known is accepted, because a key that is not understood may change the mathematics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, shown, UserError } from '../../core/errors.ts';
import type { ModelConfig } from './decoder.ts';

const fileName = 'config.json';

/** Keys of transformers that do not change what a forward pass computes. */
const harmlessKeys = new Set([
	// Where the model comes from.
	...['_name_or_path', 'name_or_path', 'architectures', 'auto_map', 'model_type', 'is_llama_config'],
	...['transformers_version', 'transformers.js_config', 'unsloth_fixed', 'unsloth_version'],
	// How its authors loaded and ran it; weights say their own type.
	...['dtype', 'torch_dtype', 'use_cache', '_attn_implementation', '_attn_implementation_autoset', 'pretraining_tp'],
	...['return_dict', 'output_attentions', 'output_hidden_states', 'gradient_checkpointing', 'chunk_size_feed_forward'],
	// Training: initial values and dropout.
	...['initializer_range', 'attention_dropout', 'hidden_dropout', 'attn_pdrop', 'embd_pdrop', 'resid_pdrop'],
	// Tokens, and settings of sampling: generation is greedy here.
	...['bos_token_id', 'eos_token_id', 'pad_token_id', 'tokenizer_class', 'prefix'],
	...['max_length', 'do_sample', 'temperature', 'top_k', 'top_p'],
	// Heads for other tasks; left-over weights are refused anyway.
	...['id2label', 'label2id', '_num_labels', 'problem_type', 'task_specific_params'],
	...['summary_type', 'summary_use_proj', 'summary_activation', 'summary_proj_to_labels', 'summary_first_dropout'],
	// Encoders; a decoder with cross-attention has weights that would be left over.
	...['is_decoder', 'is_encoder_decoder', 'add_cross_attention'],
]);

/** Returns the content of a model folder's config.json. Throws `UserError` when it is missing or not a JSON object. */
export function readModelConfig(folder: string): ModelConfig {
	const file = join(folder, fileName);
	try {
		return { file, values: z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8'))) };
	} catch (error) {
		throw new UserError(
			`${file}: cannot be read as a model config (${messageOf(error)}). Give a folder with config.json, model.safetensors and tokenizer.json.`,
		);
	}
}

/**
 * Returns the config parsed by a family's schema. Throws `UserError` that names every key which is wrong, or which the
 * family does not handle and which is not known to be harmless.
 */
export function parseConfig<T>(config: ModelConfig, schema: z.ZodObject & z.ZodType<T>): T {
	const handled = new Set(Object.keys(schema.shape));
	const unknown = Object.keys(config.values).filter((key) => !handled.has(key) && !harmlessKeys.has(key));
	if (unknown.length > 0) {
		const list = unknown.map((key) => `${key}=${shown(config.values[key])}`).join(', ');
		throw new UserError(`${config.file}: keys that may change the mathematics and are not handled: ${list}.`);
	}
	const result = schema.safeParse(config.values);
	if (result.success) return result.data;
	throw new UserError(`${config.file}: ${describeIssues(result.error)}.`);
}

/** Returns what is wrong, each with the key it is about. */
export function describeIssues(error: z.ZodError): string {
	return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}

/** Reading of config.json: only what is known is accepted, because a key that is not understood may change the mathematics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import type { ModelConfig } from './decoder.ts';

const fileName = 'config.json';

/** Keys of transformers that do not change what a forward pass computes. */
const harmlessKeys = new Set([
	...['_name_or_path', 'architectures', 'auto_map', 'dtype', 'torch_dtype', 'model_type', 'transformers_version'],
	...['bos_token_id', 'eos_token_id', 'pad_token_id', 'use_cache', 'initializer_range', 'pretraining_tp'],
	...['attention_dropout', 'hidden_dropout', 'is_decoder', 'return_dict', 'output_attentions', 'output_hidden_states'],
	...['id2label', 'label2id', 'problem_type', 'task_specific_params', 'chunk_size_feed_forward', 'is_encoder_decoder'],
	...['add_cross_attention', 'tokenizer_class', 'prefix', 'name_or_path', '_attn_implementation'],
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
		const list = unknown.map((key) => `${key}=${JSON.stringify(config.values[key])}`).join(', ');
		throw new UserError(`${config.file}: keys that may change the mathematics and are not handled: ${list}.`);
	}
	const result = schema.safeParse(config.values);
	if (result.success) return result.data;
	const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
	throw new UserError(`${config.file}: ${problems}.`);
}

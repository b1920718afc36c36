/** Reading of config.json: only what is known is accepted, because a key that is not understood may change the mathematics. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, shown, UserError } from '../../core/errors.ts';
import { parseJson } from '../weights/jsonFile.ts';
import type { ModelConfig } from './decoder.ts';
import { saysNothing } from './silentKeys.ts';

const fileName = 'config.json';

/** Returns the content of a model folder's config.json. Throws `UserError` when it is missing or not a JSON object. */
export function readModelConfig(folder: string): ModelConfig {
	const file = join(folder, fileName);
	return { file, values: parseJson(file, textOf(file), z.record(z.string(), z.unknown())) };
}

function textOf(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		throw new UserError(
			`${file}: cannot be read as a model config (${messageOf(error)}). Give a folder with config.json, model.safetensors and tokenizer.json.`,
		);
	}
}

/**
 * Returns the config parsed by a family's schema. Throws `UserError` that names every key which is wrong, or which the
 * family does not handle and which may change the mathematics.
 */
export function parseConfig<T>(config: ModelConfig, schema: z.ZodObject & z.ZodType<T>): T {
	const handled = new Set(Object.keys(schema.shape));
	const unknown = Object.entries(config.values).filter(([key, value]) => !handled.has(key) && !saysNothing(key, value));
	if (unknown.length > 0) {
		const list = unknown.map(([key, value]) => `${key}=${shown(value)}`).join(', ');
		throw new UserError(
			`${config.file}: keys that may change the mathematics and are not handled: ${list}. ` +
				'Take a key out of the file only if you know that this model does not use it.',
		);
	}
	const result = schema.safeParse(config.values);
	if (result.success) return result.data;
	throw new UserError(`${config.file}: ${describeIssues(result.error)}.`);
}

/** Returns what is wrong, each with the key it is about. */
export function describeIssues(error: z.ZodError): string {
	return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}

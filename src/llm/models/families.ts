import { shown, UserError } from '../../core/errors.ts';
import type { DecoderFamily, ModelConfig } from './decoder.ts';
import { gemma2 } from './llama/gemma2.ts';
import { gemma3 } from './llama/gemma3.ts';
import { gpt2 } from './layerNorm/gpt2.ts';
import { llama } from './llama/llama.ts';
import { mistral } from './llama/mistral.ts';
import { phi3 } from './llama/phi3.ts';
import { qwen2 } from './llama/qwen2.ts';
import { qwen3 } from './llama/qwen3.ts';

/** All decoder families by model type. Adding one: its file, its test, one entry here. */
export const families: Readonly<Record<string, DecoderFamily>> = Object.fromEntries(
	[llama, mistral, qwen2, qwen3, gemma2, gemma3, phi3, gpt2].map((family) => [family.modelType, family]),
);

/** Returns the family of a config. Throws `UserError` naming the type received and those known. */
export function familyOf(config: ModelConfig): DecoderFamily {
	const type = config.values['model_type'];
	const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
	if (family !== undefined) return family;
	throw new UserError(
		`${config.file}: model_type ${shown(type)} is not a known architecture. Known: ${Object.keys(families).join(', ')}.`,
	);
}

import { UserError } from '../../core/errors.ts';
import type { DecoderFamily, ModelConfig } from './decoder.ts';
import { llama } from './llama.ts';

/** All decoder families. Adding one: its file, its test, one line here. */
export const families: Readonly<Record<string, DecoderFamily>> = { [llama.modelType]: llama };

/** Returns the family of a config. Throws `UserError` naming the type received and those known. */
export function familyOf(config: ModelConfig): DecoderFamily {
	const type = config.values['model_type'];
	const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
	if (family !== undefined) return family;
	throw new UserError(
		`${config.file}: model_type ${JSON.stringify(type)} is not a known architecture. Known: ${Object.keys(families).join(', ')}.`,
	);
}

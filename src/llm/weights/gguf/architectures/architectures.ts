import { UserError } from '../../../../core/errors.ts';
import type { Architecture } from './architecture.ts';
import { gemma, gemma2, gemma3 } from './gemma.ts';
import { gpt2 } from './gpt2.ts';
import { gptNeox } from './gptNeox.ts';
import { granite } from './granite.ts';
import { llama } from './llama.ts';
import { olmo2 } from './olmo2.ts';
import { phi2 } from './phi2.ts';
import { phi3 } from './phi3.ts';
import { smollm3 } from './smollm3.ts';
import { qwen2, qwen3 } from './qwen.ts';

/** All architectures by name. Adding one: its file, its test, one entry here. */
export const architectures: Readonly<Record<string, Architecture>> = Object.fromEntries(
	[llama, qwen2, qwen3, smollm3, granite, gemma, gemma2, gemma3, olmo2, phi2, phi3, gpt2, gptNeox].map(
		(architecture) => [architecture.name, architecture],
	),
);

/** Returns an architecture. Throws `UserError` naming the one received and those known. */
export function architectureOf(file: string, name: string | undefined): Architecture {
	const found = name !== undefined && Object.hasOwn(architectures, name) ? architectures[name] : undefined;
	if (found !== undefined) return found;
	throw new UserError(
		`${file}: general.architecture ${name === undefined ? 'is missing' : `"${name}" is not a known architecture`}. ` +
			`Known: ${Object.keys(architectures).join(', ')}.`,
	);
}

import { shown, UserError } from '../../core/errors.ts';
import type { DecoderFamily, ModelConfig } from './decoder.ts';
import { gpt2 } from './layerNorm/gpt2.ts';
import { gptNeo } from './layerNorm/gptNeo.ts';
import { gptNeox } from './layerNorm/gptNeox.ts';
import { phi } from './layerNorm/phi.ts';
import { gemma } from './llama/gemma.ts';
import { gemma2 } from './llama/gemma2.ts';
import { gemma3, gemma3Defaults } from './llama/gemma3.ts';
import { granite } from './llama/granite.ts';
import { graniteHybrid } from './llama/graniteHybrid.ts';
import { llama } from './llama/llama.ts';
import { ministral3 } from './llama/ministral3.ts';
import { mistral } from './llama/mistral.ts';
import { olmo2 } from './llama/olmo2.ts';
import { olmo3 } from './llama/olmo3.ts';
import { phi3 } from './llama/phi3.ts';
import { qwen2 } from './llama/qwen2.ts';
import { qwen3 } from './llama/qwen3.ts';
import { smollm3 } from './llama/smollm3.ts';
import { mixtral } from './mixtures/mixtral.ts';
import { olmoe } from './mixtures/olmoe.ts';
import { qwen2Moe } from './mixtures/qwen2Moe.ts';
import { qwen3Moe } from './mixtures/qwen3Moe.ts';
import { wrapperFamily } from './wrapper.ts';

const all: readonly DecoderFamily[] = [
	...[llama, mistral, ministral3, qwen2, qwen3, smollm3, phi3],
	...[gemma, gemma2, gemma3, olmo2, olmo3, granite, graniteHybrid],
	...[gpt2, gptNeo, gptNeox, phi],
	...[qwen3Moe, olmoe, mixtral, qwen2Moe],
	wrapperFamily('gemma3', { text: [gemma3], defaults: gemma3Defaults }),
	wrapperFamily('mistral3', { text: [mistral, ministral3], defaults: {} }),
];

/** All decoder families by model type. Adding one: its file, its test, one entry here. */
export const families: Readonly<Record<string, DecoderFamily>> = Object.fromEntries(
	all.map((family) => [family.modelType, family]),
);

const deltaRule =
	'its layers of linear attention (gated delta rule) are not built, and have no attention weights to look at';
const llama4Parts =
	'attention in chunks, a router that scales what experts read, and layers without positions whose queries are scaled are not built';
const gemma4Parts =
	'embeddings that enter every block, keys and values shared between layers, and two head widths are not built';

/** What other families that people ask for need beyond what is built here. */
const notYet: Readonly<Record<string, string>> = {
	llama4: llama4Parts,
	llama4_text: llama4Parts,
	qwen3_5: deltaRule,
	qwen3_5_text: deltaRule,
	qwen3_5_moe: deltaRule,
	qwen3_next: deltaRule,
	gemma4: gemma4Parts,
	gemma4_text: gemma4Parts,
	gpt_oss: 'attention with sinks and experts in MXFP4 are not built',
};

function knownFamilies(): string {
	return `Known: ${Object.keys(families).join(', ')}.`;
}

/** Returns the family of a config. Throws `UserError` naming the type received and those known. */
export function familyOf(config: ModelConfig): DecoderFamily {
	const type = config.values['model_type'];
	const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined;
	if (family !== undefined) return family;
	const missing = typeof type === 'string' && Object.hasOwn(notYet, type) ? notYet[type] : undefined;
	if (missing !== undefined) {
		throw new UserError(
			`${config.file}: model_type ${shown(type)} is not supported yet: ${missing}. ${knownFamilies()}`,
		);
	}
	throw new UserError(`${config.file}: model_type ${shown(type)} is not a known architecture. ${knownFamilies()}`);
}

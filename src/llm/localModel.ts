/** A model folder as a `LanguageModel`: tokenizer here, numbers in the engine process. */
import type { Need } from '../core/declarations.ts';
import { type EngineProcess, startEngine } from './host/engineClient.ts';
import type { LanguageModel } from './languageModel.ts';
import { loadDecoder } from './models/loadDecoder.ts';
import type { ModelPlace } from './modelPlace.ts';
import { modelIdentity } from './modelIdentity.ts';
import { loadTokenizer, type Tokenizer } from './tokenizers/tokenizer.ts';

/** Largest number of tokens, padding included, in one run. */
const maxTokens = 2048;

/** Below this size weights are copied into the layout of the fastest kernels; above it they stay mapped, in bytes. */
const prepackLimit = 256 * 2 ** 20;

const capabilities: ReadonlySet<Need> = new Set<Need>([
	'attention',
	'gradients',
	'labelScores',
	'generation',
	'constrainedGeneration',
	'annotations',
	'nothing',
]);

/**
 * Returns the model of a Hugging Face folder (config.json, safetensors, tokenizer.json), changed by an adapter folder.
 * Throws `UserError` for a folder that is not there, broken, or of an unknown architecture.
 */
export async function openLocalModel(id: string, { folder, adapter }: ModelPlace): Promise<LanguageModel> {
	const loaded = loadDecoder(folder, adapter);
	const { checkpoint, decoder } = loaded;
	const tokenizer = await loadTokenizer(folder);
	const bytes = [...checkpoint.tensors.values()].reduce((total, { byteLength }) => total + byteLength, 0);
	const prepack = bytes < prepackLimit;
	const engine = await startEngine({ folder, adapter, endTokens: tokenizer.endTokens, maxTokens, prepack });
	return languageModel(id, modelIdentity(loaded), decoder.sizes.contextLength, tokenizer, engine);
}

function languageModel(
	id: string,
	identity: string,
	contextLength: number,
	tokenizer: Tokenizer,
	engine: EngineProcess,
): LanguageModel {
	return {
		id,
		identity,
		capabilities,
		specialTokens: tokenizer.specialTokens,
		contextLength,
		encode: (text) => tokenizer.encode(text),
		decode: (ids) => tokenizer.decode(ids),
		renderChat: (messages) =>
			tokenizer.chatTemplate.render(messages, { addGenerationPrompt: messages.at(-1)?.role !== 'assistant' }),
		scoreLabels: (prompts, labels) => engine.scoreLabels(prompts, labels),
		attribute: (prompts, targets, outputs, options) => engine.attribute(prompts, targets, outputs, options),
		attributeByPasses: (prompts, request) => engine.attributeByPasses(prompts, request),
		generate: (prompts, options, onToken) => engine.generate(prompts, options, onToken),
		close: () => engine.close(),
	};
}

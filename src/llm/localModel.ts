/** A model folder as a `LanguageModel`: tokenizer here, numbers in the engine process. */
import type { Need } from '../core/declarations.ts';
import { type EngineProcess, startEngine } from './host/engineClient.ts';
import type { LanguageModel } from './languageModel.ts';
import { loadDecoder } from './models/loadDecoder.ts';
import { modelIdentity } from './modelIdentity.ts';
import { loadTokenizer, type Tokenizer } from './tokenizers/tokenizer.ts';

export interface LocalModelOptions {
	/** Largest number of tokens, padding included, in one run. */
	readonly maxTokens: number;
	/** Copies weights into the layout of the fastest kernels, for one more copy of the weights in memory per direction. */
	readonly prepack: boolean;
}

const defaults: LocalModelOptions = { maxTokens: 4096, prepack: false };

const capabilities: ReadonlySet<Need> = new Set<Need>([
	'attention',
	'gradients',
	'labelScores',
	'generation',
	'annotations',
	'nothing',
]);

/**
 * Returns the model of a Hugging Face folder (config.json, safetensors, tokenizer.json).
 * Throws `UserError` for a folder that is not there, broken, or of an unknown architecture.
 */
export async function openLocalModel(
	id: string,
	folder: string,
	options: LocalModelOptions = defaults,
): Promise<LanguageModel> {
	const { checkpoint, decoder } = loadDecoder(folder);
	const tokenizer = await loadTokenizer(folder);
	const engine = await startEngine({ folder, endTokens: tokenizer.endTokens, ...options });
	return languageModel(id, modelIdentity(checkpoint), decoder.sizes.contextLength, tokenizer, engine);
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
		attribute: (prompts, targets, outputs) => engine.attribute(prompts, targets, outputs),
		generate: (prompts, { maxNewTokens }) => engine.generate(prompts, maxNewTokens),
		close: () => engine.close(),
	};
}

/** Makes the files of a tokenizer from what a GGUF file says of it. */
import { UserError } from '../../core/errors.ts';
import type { MetadataReader } from '../weights/gguf/metadata.ts';
import { openGguf } from '../weights/gguf/openGguf.ts';
import { byteLevelTokenizer } from './ggufByteLevel.ts';
import { sentencePieceTokenizer } from './ggufSentencePiece.ts';
import { type GgufVocabulary, readVocabulary } from './ggufVocabulary.ts';
import type { TokenizerConfig } from './tokenizerConfig.ts';

/** What a folder holds in tokenizer.json, tokenizer_config.json and generation_config.json. */
export interface TokenizerSource {
	/** Where it came from, for messages. */
	readonly file: string;
	/** The text of tokenizer.json. */
	readonly json: string;
	readonly config: TokenizerConfig;
	/** Tokens that end an answer, beside the `eos_token`. */
	readonly endTokens: readonly number[];
}

const kinds: Readonly<Record<string, (metadata: MetadataReader, vocabulary: GgufVocabulary) => unknown>> = {
	gpt2: byteLevelTokenizer,
	llama: sentencePieceTokenizer,
};

/** Returns the tokenizer of a GGUF file. Throws `UserError` for one that is not there, damaged, or of an unknown kind. */
export function ggufTokenizerSource(file: string): TokenizerSource {
	const { metadata } = openGguf(file);
	const vocabulary = readVocabulary(metadata);
	const source = metadata.text('tokenizer.chat_template') ?? metadata.text('tokenizer.chat_template.default');
	return {
		file,
		json: metadata.text('tokenizer.huggingface.json') ?? JSON.stringify(tokenizerOf(metadata, vocabulary)),
		config: {
			specialTokens: vocabulary.named,
			chatTemplate: source === undefined ? undefined : { source, file },
		},
		endTokens: vocabulary.endTokens,
	};
}

function tokenizerOf(metadata: MetadataReader, vocabulary: GgufVocabulary): unknown {
	const kind = metadata.text('tokenizer.ggml.model');
	const make = kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
	if (make !== undefined) return make(metadata, vocabulary);
	throw new UserError(
		`${metadata.file}: tokenizer.ggml.model ${kind === undefined ? 'is missing' : `"${kind}" is not a known kind of tokenizer`}. ` +
			`Known: ${Object.keys(kinds).join(', ')}. Take the safetensors of the same model.`,
	);
}

/** Returns the files that a folder of the same model has beside config and weights, by name. */
export function tokenizerFiles({ json, config, endTokens }: TokenizerSource): Readonly<Record<string, string>> {
	const template = config.chatTemplate === undefined ? {} : { chat_template: config.chatTemplate.source };
	const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
	return {
		'tokenizer.json': json,
		'tokenizer_config.json': text({ tokenizer_class: 'PreTrainedTokenizerFast', ...config.specialTokens, ...template }),
		'generation_config.json': text({ eos_token_id: endTokens }),
	};
}

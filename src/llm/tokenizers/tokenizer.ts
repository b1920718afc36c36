/** Opens the tokenizer of a model folder: the official Rust library, with checked spans in UTF-16 code units. */
import { join } from 'node:path';
import { type JsEncoding, Tokenizer as RustTokenizer } from 'tokenizers';
import { messageOf, UserError } from '../../core/errors.ts';
import type { EncodedText, TokenIds } from '../languageModel.ts';
import { parseJson, readTextFile } from '../weights/jsonFile.ts';
import { isGgufPath } from '../weights/gguf/openGguf.ts';
import { type ChatTemplate, createChatTemplate, createPlainTemplate } from './chatTemplate.ts';
import { ggufTokenizerSource, type TokenizerSource } from './ggufTokenizer.ts';
import { readEndTokens, readTokenizerConfig, type TokenizerConfig } from './tokenizerConfig.ts';
import { spanRules, tokenizerFileSchema } from './tokenizerFile.ts';
import { spanFinder, type TokenPiece } from './tokenSpans.ts';

export interface Tokenizer {
	/** Tokenises without adding special tokens; those spelled out in the text are recognised. */
	encode(text: string): Promise<EncodedText>;
	encodeBatch(texts: readonly string[]): Promise<EncodedText[]>;
	/** Returns the text of tokens, special tokens left out. */
	decode(ids: TokenIds): Promise<string>;
	/** Returns the id of a token as the vocabulary spells it, or undefined. */
	idOf(token: string): number | undefined;
	/** Number of tokens, added ones included; a model's embedding may have more rows. */
	readonly vocabularySize: number;
	/** The special tokens as texts spell them: a text that holds one is read as control, not as content. */
	readonly specialTokens: readonly string[];
	/** Sorted ids that end an answer; empty when the folder names none. */
	readonly endTokens: readonly number[];
	/** The special tokens that the tokenizer itself puts before a text, spelled out; often "" or the `bos_token`. */
	readonly startText: string;
	readonly chatTemplate: ChatTemplate;
}

const encodeOptions = { addSpecialTokens: false };

/**
 * Returns the tokenizer of a GGUF file, or of a folder with a `tokenizer.json`; `tokenizer_config.json`, `chat_template.jinja`,
 * `generation_config.json` and `config.json` are read where they exist. Throws `UserError` for missing or broken files and
 * for tokenizers whose tokens cannot be traced back to the text.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
	const { file, json, config, endTokens } = isGgufPath(folder) ? ggufTokenizerSource(folder) : folderSource(folder);
	const value = parseJson(file, json, tokenizerFileSchema);
	const rust = openRust(file, json);
	const idOf = (token: string): number | undefined => rust.tokenToId(token) ?? undefined;
	const normalizer = rust.getNormalizer();
	const findSpans = spanFinder(spanRules(file, value, idOf, (text) => normalizer?.normalizeString(text) ?? text));
	const encoded = (text: string, encoding: JsEncoding): EncodedText => {
		return { ids: encoding.getIds(), spans: findSpans(text, piecesOf(encoding)) };
	};
	const startText = await startTextOf(rust);
	return {
		encode: async (text) => encoded(text, await rust.encode(text, null, encodeOptions)),
		encodeBatch: async (texts) => {
			const encodings = await rust.encodeBatch([...texts], encodeOptions);
			return encodings.map((encoding, index) => encoded(texts[index] ?? '', encoding));
		},
		decode: (ids) => rust.decode([...ids], true),
		idOf,
		vocabularySize: rust.getVocabSize(true),
		specialTokens: value.added_tokens.filter(({ special }) => special).map(({ content }) => content),
		endTokens: endTokensOf(endTokens, config, idOf),
		startText,
		chatTemplate: chatTemplateOf(config, startText),
	};
}

function folderSource(folder: string): TokenizerSource {
	const file = join(folder, 'tokenizer.json');
	return { file, json: readTextFile(file), config: readTokenizerConfig(folder), endTokens: readEndTokens(folder) };
}

/** Returns the Rust tokenizer with whole texts in and out: a file may ask for truncation and padding. */
function openRust(file: string, json: string): RustTokenizer {
	try {
		const rust = RustTokenizer.fromString(json);
		rust.disableTruncation();
		rust.disablePadding();
		return rust;
	} catch (error) {
		throw new UserError(`${file}: is not a tokenizer (${messageOf(error)}). Copy or download it again.`);
	}
}

function piecesOf(encoding: JsEncoding): TokenPiece[] {
	const ids = encoding.getIds();
	const offsets = encoding.getOffsets();
	return encoding.getTokens().map((token, index) => {
		const [start = 0, end = 0] = offsets[index] ?? [];
		return { id: ids[index] ?? -1, token, offset: [start, end] };
	});
}

async function startTextOf(rust: RustTokenizer): Promise<string> {
	const encoding = await rust.encode('a', null, { addSpecialTokens: true });
	const firstOfText = encoding.getSpecialTokensMask().indexOf(0);
	return encoding.getTokens().slice(0, Math.max(firstOfText, 0)).join('');
}

function endTokensOf(
	ids: readonly number[],
	config: TokenizerConfig,
	idOf: (token: string) => number | undefined,
): number[] {
	const named = idOf(config.specialTokens['eos_token'] ?? '');
	return [...new Set([...ids, ...(named === undefined ? [] : [named])])].sort((a, b) => a - b);
}

function chatTemplateOf({ chatTemplate, specialTokens }: TokenizerConfig, startText: string): ChatTemplate {
	if (chatTemplate === undefined) return createPlainTemplate(startText);
	return createChatTemplate(chatTemplate.source, { file: chatTemplate.file, specialTokens });
}

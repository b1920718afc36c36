/** Opens the tokenizer of a model folder: the official Rust library, with checked spans in UTF-16 code units. */
import { join } from 'node:path';
import { type JsEncoding, Tokenizer as RustTokenizer } from 'tokenizers';
import { messageOf, UserError } from '../../core/errors.ts';
import { itemAt, zip } from '../../core/present.ts';
import type { EncodedText, TokenIds } from '../languageModel.ts';
import { isThere, parseJson, readTextFile } from '../weights/jsonFile.ts';
import { isGgufPath } from '../weights/gguf/openGguf.ts';
import { type ChatTemplate, createChatTemplate, createPlainTemplate } from './chatTemplate.ts';
import { type AddedToken, controlTokensOf } from './controlTokens.ts';
import { ggufTokenizerSource, type TokenizerSource } from './ggufTokenizer.ts';
import { fewestTokens, type LargestToken, largestToken } from './fewestTokens.ts';
import { readEndTokens, readTokenizerConfig, type TokenizerConfig } from './tokenizerConfig.ts';
import { refuseLongSteps, spanRules, tokenizerFileSchema } from './tokenizerFile.ts';
import { spanFinder, type TokenPiece } from './tokenSpans.ts';

export interface Tokenizer {
	/** Tokenises without adding special tokens; those spelled out in the text are recognised. */
	encode(text: string): Promise<EncodedText>;
	encodeBatch(texts: readonly string[]): Promise<EncodedText[]>;
	/** Returns the text of tokens, special tokens left out. */
	decode(ids: TokenIds): Promise<string>;
	/** Returns how many tokens a text has at the least, told by its length alone; 0 where that cannot be told. */
	fewestTokens(text: string): number;
	/** Number of tokens, added ones included; a model's embedding may have more rows. */
	readonly vocabularySize: number;
	/** The special tokens as texts spell them; they are left out when tokens are decoded. */
	readonly specialTokens: readonly string[];
	/** These and whatever else the template writes around turns: a text that holds one is read as control, not as content. */
	readonly controlTokens: readonly string[];
	/** Sorted ids that end an answer; empty when the folder names none. */
	readonly endTokens: readonly number[];
	/** The special tokens that the tokenizer itself puts before a text, spelled out; often "" or the `bos_token`. */
	readonly startText: string;
	readonly chatTemplate: ChatTemplate;
	/** Bytes that the process it runs in takes, at most; 0 in this one. */
	readonly processBytes: number;
	/** Ends what it runs in; it is not to be asked any more. */
	close(): Promise<void>;
}

/** What a tokenizer is asked. */
export type TokenizerCalls = Pick<Tokenizer, 'encode' | 'encodeBatch' | 'decode' | 'close'>;

/** What is known of a tokenizer without asking it: plain values. */
export interface TokenizerFacts
	extends Pick<Tokenizer, 'vocabularySize' | 'specialTokens' | 'endTokens' | 'startText'> {
	readonly addedTokens: readonly AddedToken[];
	readonly largest: LargestToken | null;
	readonly config: TokenizerConfig;
}

/** A tokenizer in this process. */
export interface LoadedTokenizer extends Tokenizer {
	/** Returns the id of a token as the vocabulary spells it, or undefined. */
	idOf(token: string): number | undefined;
	readonly facts: TokenizerFacts;
}

/** Returns the tokenizer of which these facts are known, and whose calls are answered by these. */
export function tokenizerOf(facts: TokenizerFacts, calls: TokenizerCalls): Tokenizer {
	const { addedTokens, largest, config, ...told } = facts;
	const chatTemplate = chatTemplateOf(config, facts.startText);
	return {
		...told,
		...calls,
		fewestTokens: (text) => fewestTokens(largest, text),
		controlTokens: controlTokensOf(addedTokens, chatTemplate),
		chatTemplate,
		processBytes: 0,
	};
}

const encodeOptions = { addSpecialTokens: false };

/**
 * Returns the tokenizer of a GGUF file, or of a folder with a `tokenizer.json`; `tokenizer_config.json`, `chat_template.jinja`,
 * `generation_config.json` and `config.json` are read where they exist. Throws `UserError` for missing or broken files and
 * for tokenizers whose tokens cannot be traced back to the text. The library can end the process with a file made for that: a
 * file that does not come with this program is opened by `openTokenizer`, in a process of its own.
 */
export async function loadTokenizer(folder: string): Promise<LoadedTokenizer> {
	const { file, json, config, endTokens } = isGgufPath(folder) ? ggufTokenizerSource(folder) : folderSource(folder);
	const value = parseJson(file, json, tokenizerFileSchema);
	refuseLongSteps(file, value);
	const rust = openRust(file, json);
	const idOf = (token: string): number | undefined => rust.tokenToId(token) ?? undefined;
	const normalizer = rust.getNormalizer();
	const rules = spanRules(file, value, idOf, (text) => normalizer?.normalizeString(text) ?? text);
	const findSpans = spanFinder(rules);
	const encoded = (text: string, encoding: JsEncoding): EncodedText => {
		return { ids: encoding.getIds(), spans: findSpans(text, piecesOf(encoding)) };
	};
	/** The library says what is wrong with a file only when it reads a text. */
	const reading = async <T>(what: string, work: Promise<T>): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			throw new UserError(`${file}: cannot ${what} (${messageOf(error)}). Copy or download it again.`);
		}
	};
	const facts: TokenizerFacts = {
		vocabularySize: rust.getVocabSize(true),
		specialTokens: value.added_tokens.filter(({ special }) => special).map(({ content }) => content),
		addedTokens: value.added_tokens.map(({ content, special }) => ({ content, special })),
		endTokens: endTokensOf(endTokens, config, idOf),
		startText: await reading('read the letter "a"', startTextOf(rust)),
		largest: largestToken(value, rules.spelling),
		config,
	};
	const calls: TokenizerCalls = {
		encode: async (text) =>
			encoded(text, await reading(`read a text of ${text.length} characters`, rust.encode(text, null, encodeOptions))),
		encodeBatch: async (texts) => {
			const encodings = await reading(`read ${texts.length} texts`, rust.encodeBatch([...texts], encodeOptions));
			return zip(texts, encodings).map(([text, encoding]) => encoded(text, encoding));
		},
		decode: (ids) => reading(`write ${ids.length} tokens as text`, rust.decode([...ids], true)),
		close: async () => undefined,
	};
	return { ...tokenizerOf(facts, calls), idOf, facts };
}

/** What older folders hold in place of a `tokenizer.json`. */
const olderFiles = ['tokenizer.model', 'spiece.model', 'vocab.json', 'merges.txt', 'tiktoken.model'];

function noTokenizer(folder: string): UserError {
	const found = olderFiles.filter((name) => isThere(join(folder, name)));
	const older = found.length === 0 ? '' : ` It has ${found.join(' and ')}, an older form.`;
	return new UserError(
		`${folder}: has no tokenizer.json.${older} Copy it from where the model comes from, or make it with Python ` +
			'(pip install transformers sentencepiece tiktoken protobuf): ' +
			`python -c "from transformers import AutoTokenizer as A; A.from_pretrained('${folder}').save_pretrained('${folder}')"`,
	);
}

function folderSource(folder: string): TokenizerSource {
	const file = join(folder, 'tokenizer.json');
	if (!isThere(file)) throw noTokenizer(folder);
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
		const offset = itemAt(offsets, index);
		return { id: itemAt(ids, index), token, offset: [itemAt(offset, 0), itemAt(offset, 1)] };
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
	const end = config.specialTokens['eos_token'];
	const named = end === undefined ? undefined : idOf(end);
	return [...new Set([...ids, ...(named === undefined ? [] : [named])])].sort((a, b) => a - b);
}

function chatTemplateOf({ chatTemplate, specialTokens }: TokenizerConfig, startText: string): ChatTemplate {
	if (chatTemplate === undefined) return createPlainTemplate(startText);
	return createChatTemplate(chatTemplate.source, { file: chatTemplate.file, specialTokens });
}

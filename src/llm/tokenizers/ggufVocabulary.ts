/** The vocabulary of a GGUF file and its special tokens. */
import { UserError } from '../../core/errors.ts';
import { present } from '../../core/present.ts';
import type { MetadataReader } from '../weights/gguf/metadata.ts';

export interface GgufVocabulary {
	readonly tokens: readonly string[];
	/** Kind of each token by number; empty where the file does not say. */
	readonly kinds: readonly number[];
	/** Special tokens by the names that templates use. */
	readonly named: Readonly<Record<string, string>>;
	/** Sorted ids that end an answer. */
	readonly endTokens: readonly number[];
}

export const tokenKinds = { unknown: 2, control: 3, userDefined: 4 } as const;

const namedTokens = {
	['bos_token']: 'bos',
	['eos_token']: 'eos',
	['unk_token']: 'unknown',
	['pad_token']: 'padding',
} as const;

/** Control tokens that end a turn in the models that have them, as llama.cpp reads them. */
const endTexts = new Set([
	'<|eot_id|>',
	'<|im_end|>',
	'<|end|>',
	'<end_of_turn>',
	'<|endoftext|>',
	'<|end_of_text|>',
	'<|eom_id|>',
	'<end_of_utterance>',
	'<EOT>',
	'_<EOT>',
	'<eos>',
]);

/** Returns the vocabulary. Throws `UserError` for one that contradicts itself. */
export function readVocabulary(metadata: MetadataReader): GgufVocabulary {
	const tokens = metadata.texts('tokenizer.ggml.tokens');
	if (tokens === undefined || tokens.length === 0) throw refused(metadata, 'has no tokens (tokenizer.ggml.tokens)');
	const kinds = metadata.numbers('tokenizer.ggml.token_type') ?? [];
	if (kinds.length > 0 && kinds.length !== tokens.length) {
		throw refused(
			metadata,
			`has ${tokens.length} tokens, but the kinds of ${kinds.length} (tokenizer.ggml.token_type)`,
		);
	}
	if (new Set(tokens).size < tokens.length)
		throw refused(metadata, `has the token ${JSON.stringify(duplicate(tokens))} twice`);
	const idOf = (name: string): number | undefined =>
		specialId(metadata, `tokenizer.ggml.${name}_token_id`, tokens.length);
	const named = Object.entries(namedTokens).flatMap(([name, key]) => {
		const id = idOf(key);
		return id === undefined ? [] : [[name, tokens[id] as string] as const];
	});
	const ends = tokens.flatMap((token, id) => (kinds[id] === tokenKinds.control && endTexts.has(token) ? [id] : []));
	const endTokens = new Set([...ends, ...['eos', 'eot', 'eom'].flatMap((name) => idOf(name) ?? [])]);
	return { tokens, kinds, named: Object.fromEntries(named), endTokens: [...endTokens].sort((a, b) => a - b) };
}

function specialId(metadata: MetadataReader, key: string, count: number): number | undefined {
	const id = metadata.number(key);
	if (id === undefined || id === 0xffffffff || id === -1) return undefined;
	if (Number.isInteger(id) && id >= 0 && id < count) return id;
	throw refused(metadata, `has ${id} for ${key}, but its tokens go from 0 to ${count - 1}`);
}

function duplicate(tokens: readonly string[]): string {
	const seen = new Set<string>();
	return present(
		tokens.find((token) => seen.size === seen.add(token).size),
		'token that is there twice',
	);
}

/** One entry of `added_tokens`: found in a text as it is, before all else. */
export interface AddedToken {
	readonly id: number;
	readonly content: string;
	readonly special: boolean;
}

/** Returns the entries of `added_tokens`: control tokens, named ones, and those that users defined and `isWhole` accepts. */
export function addedTokens(
	{ tokens, kinds, named }: GgufVocabulary,
	isWhole: (token: string) => boolean,
): readonly Readonly<Record<string, unknown>>[] {
	const specials = new Set(Object.values(named));
	const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
	return tokens.flatMap((content, id) => {
		const kind = kinds[id];
		const special = kind === tokenKinds.control || kind === tokenKinds.unknown || specials.has(content);
		const isAdded = special || (kind === tokenKinds.userDefined && isWhole(content));
		return isAdded && content !== '' ? [{ id, content, special, ...flags }] : [];
	});
}

/** Returns the step that puts special tokens around a text, or null where the file asks for none. */
export function textEnds(
	metadata: MetadataReader,
	{ tokens, named }: GgufVocabulary,
	startsByDefault: boolean,
): unknown {
	const starts = metadata.flag('tokenizer.ggml.add_bos_token') ?? startsByDefault;
	const ends = metadata.flag('tokenizer.ggml.add_eos_token') ?? false;
	const [bos, eos] = [starts ? named['bos_token'] : undefined, ends ? named['eos_token'] : undefined];
	if (bos === undefined && eos === undefined) return null;
	const special = (token: string | undefined) =>
		token === undefined ? [] : [{ SpecialToken: { id: token, type_id: 0 } }];
	const around = (id: string) => [...special(bos), { Sequence: { id, type_id: 0 } }, ...special(eos)];
	const used = [bos, eos].filter((token) => token !== undefined);
	return {
		type: 'TemplateProcessing',
		single: around('A'),
		pair: [...around('A'), ...around('B')],
		special_tokens: Object.fromEntries(
			used.map((token) => [token, { id: token, ids: [tokens.indexOf(token)], tokens: [token] }]),
		),
	};
}

/** Returns the error for a file whose tokenizer cannot be used. */
export function refused({ file }: MetadataReader, problem: string): UserError {
	return new UserError(`${file}: the tokenizer ${problem}. Convert the model again, or take its safetensors.`);
}

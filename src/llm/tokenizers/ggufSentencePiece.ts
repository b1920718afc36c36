/** Tokenizers that write spaces as "▁" and fall back on bytes (Llama 2, Mistral, Phi-3, Gemma). */
import type { MetadataReader } from '../weights/gguf/metadata.ts';
import { addedTokens, type GgufVocabulary, refused, textEnds } from './ggufVocabulary.ts';
import { metaspace } from './tokenBytes.ts';
import { vocabularyMerges } from './vocabularyMerges.ts';

/** Returns the content of tokenizer.json. */
export function sentencePieceTokenizer(metadata: MetadataReader, vocabulary: GgufVocabulary): unknown {
	const isGemma = (metadata.text('general.architecture') ?? '').startsWith('gemma');
	const tokens = isGemma ? vocabulary.tokens.map(withSpacesSpelled) : vocabulary.tokens;
	const spelled = new Set(tokens);
	const prefixes = metadata.flag('tokenizer.ggml.add_space_prefix') ?? !isGemma;
	const replace = { type: 'Replace', pattern: { String: ' ' }, content: metaspace };
	const prepend = { type: 'Prepend', prepend: metaspace };
	return {
		version: '1.0',
		added_tokens: addedTokens(vocabulary, (token) => spelled.has(token)),
		normalizer: { type: 'Sequence', normalizers: prefixes ? [prepend, replace] : [replace] },
		pre_tokenizer: null,
		post_processor: textEnds(metadata, vocabulary, true),
		decoder: { type: 'Sequence', decoders: decodersOf(prefixes) },
		model: {
			type: 'BPE',
			dropout: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			ignore_merges: false,
			unk_token: vocabulary.named['unk_token'] ?? null,
			fuse_unk: true,
			byte_fallback: true,
			vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
			merges: mergesOf(metadata, tokens, isGemma),
		},
	};
}

/** Gemma's tokens of several spaces stand as real spaces in the file. */
function withSpacesSpelled(token: string): string {
	return /^ {2,}$/u.test(token) ? metaspace.repeat(token.length) : token;
}

/** Gemma's scores do not follow the order of its merges; the order of its tokens does. */
function mergesOf(metadata: MetadataReader, tokens: readonly string[], isGemma: boolean): [string, string][] {
	const scores = isGemma ? tokens.map((_, id) => -id) : metadata.numbers('tokenizer.ggml.scores');
	if (scores?.length === tokens.length) return vocabularyMerges(tokens, scores);
	throw refused(metadata, `has ${tokens.length} tokens, but ${scores?.length ?? 'no'} scores (tokenizer.ggml.scores)`);
}

function decodersOf(prefixes: boolean): unknown[] {
	const spaces = { type: 'Replace', pattern: { String: metaspace }, content: ' ' };
	const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
	return [spaces, { type: 'ByteFallback' }, { type: 'Fuse' }, ...(prefixes ? [strip] : [])];
}

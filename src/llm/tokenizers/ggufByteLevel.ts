/** Tokenizers whose tokens are written in the letters of bytes (GPT-2, Llama 3, Qwen). */
import type { MetadataReader } from '../weights/gguf/metadata.ts';
import { addedTokens, type GgufVocabulary, refused, textEnds } from './ggufVocabulary.ts';
import { textCutting } from './preTokenizers.ts';

/** Returns the content of tokenizer.json. */
export function byteLevelTokenizer(metadata: MetadataReader, vocabulary: GgufVocabulary): unknown {
	const cutting = textCutting(metadata.file, metadata.text('tokenizer.ggml.pre'));
	const merges = metadata.texts('tokenizer.ggml.merges');
	if (merges === undefined) throw refused(metadata, 'has no merges (tokenizer.ggml.merges)');
	return {
		version: '1.0',
		added_tokens: addedTokens(vocabulary, () => true),
		normalizer: cutting.normalizer,
		pre_tokenizer: cutting.preTokenizer,
		post_processor: textEnds(metadata, vocabulary, cutting.startsText),
		decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: cutting.ignoreMerges,
			vocab: Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id])),
			merges: merges.map((merge) => pairOf(metadata, merge)),
		},
	};
}

/** No token of bytes holds a space, so the first one stands between the two. */
function pairOf(metadata: MetadataReader, merge: string): [string, string] {
	const at = merge.indexOf(' ', 1);
	if (at > 0 && at < merge.length - 1) return [merge.slice(0, at), merge.slice(at + 1)];
	throw refused(metadata, `has the merge ${JSON.stringify(merge)}, which is not two tokens`);
}

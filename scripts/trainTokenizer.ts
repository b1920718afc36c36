/**
 * Trains a byte-level BPE tokenizer (GPT-2's kind) and returns it as the value of a `tokenizer.json`.
 * Sources: Sennrich et al. 2016, algorithm 1; https://github.com/openai/gpt-2/blob/master/src/encoder.py (bytes, pattern).
 */
import { UserError } from '../src/core/errors.ts';
import { itemAt } from '../src/core/present.ts';
import { byteLevelLetters } from '../src/llm/tokenizers/tokenBytes.ts';

export interface TokenizerTraining {
	/** Number of tokens to reach: special tokens, 256 bytes and merges. Fewer when no pair of tokens occurs twice any more. */
	readonly vocabularySize: number;
	/** Take the ids from 0 on, in this order; where texts spell them out, they are cut at them. */
	readonly specialTokens: readonly string[];
}

/** The special tokens of our own models. */
export const specialTokens = ['<|bos|>', '<|system|>', '<|user|>', '<|assistant|>', '<|end|>'] as const;

/** A different word of the corpus: its tokens so far and how often it occurs. */
interface WordType {
	tokens: number[];
	readonly count: number;
}

/** Two neighbouring tokens: how often they occur, and in which word types. */
interface Pair {
	readonly left: number;
	readonly right: number;
	count: number;
	readonly words: Set<WordType>;
}

/** GPT-2's way of cutting a text into words, each with the space before it. */
const wordPattern = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Returns the value of a `tokenizer.json`. Each step merges the most frequent pair of tokens, the one of lowest ids where
 * several are; so the same texts give the same tokenizer. Throws `UserError` for a vocabulary with no room for the bytes.
 */
export function trainByteLevelBpe(
	texts: Iterable<string>,
	{ vocabularySize, specialTokens }: TokenizerTraining,
): object {
	const letters = byteLevelLetters();
	const vocabulary = [...specialTokens, ...letters.toSorted()];
	if (vocabularySize < vocabulary.length) {
		throw new UserError(
			`A vocabulary of ${vocabularySize} is too small: special tokens and bytes take ${vocabulary.length}.`,
		);
	}
	const idOf = new Map(vocabulary.map((token, id) => [token, id]));
	const byteIds = letters.map((letter) => idOf.get(letter) ?? -1);
	const pairs = countPairs(wordTypes(texts, specialTokens, byteIds));
	const merges: [string, string][] = [];
	while (vocabulary.length < vocabularySize) {
		const best = mostFrequent(pairs.values());
		if (best === undefined || best.count < 2) break;
		const merge: [string, string] = [itemAt(vocabulary, best.left), itemAt(vocabulary, best.right)];
		merges.push(merge);
		mergePair(pairs, best, vocabulary.push(merge.join('')) - 1);
	}
	return tokenizerFile(vocabulary, merges, specialTokens);
}

/** Returns the different words of the texts as byte tokens. */
function wordTypes(texts: Iterable<string>, specials: readonly string[], byteIds: readonly number[]): WordType[] {
	const counts = new Map<string, number>();
	for (const text of texts) {
		for (const stretch of withoutSpecials(text, specials)) {
			for (const [word] of stretch.matchAll(wordPattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
		}
	}
	return [...counts].map(([word, count]) => ({
		tokens: Array.from(Buffer.from(word), (byte) => itemAt(byteIds, byte)),
		count,
	}));
}

function withoutSpecials(text: string, specials: readonly string[]): string[] {
	return specials.reduce((stretches, special) => stretches.flatMap((stretch) => stretch.split(special)), [text]);
}

function countPairs(words: readonly WordType[]): Map<string, Pair> {
	const pairs = new Map<string, Pair>();
	for (const word of words) addPairs(pairs, word, word.count);
	return pairs;
}

/** Adds the pairs of a word to the counts, or takes them away when `count` is negative. */
function addPairs(pairs: Map<string, Pair>, word: WordType, count: number): void {
	for (let i = 1; i < word.tokens.length; i++) {
		const left = word.tokens[i - 1] as number;
		const right = word.tokens[i] as number;
		const key = `${left} ${right}`;
		const pair = pairs.get(key) ?? { left, right, count: 0, words: new Set() };
		pair.count += count;
		if (count > 0) pair.words.add(word);
		else pair.words.delete(word);
		if (pair.count > 0) pairs.set(key, pair);
		else pairs.delete(key);
	}
}

function mostFrequent(pairs: Iterable<Pair>): Pair | undefined {
	let best: Pair | undefined;
	for (const pair of pairs) {
		if (best === undefined || pair.count > best.count || (pair.count === best.count && isBefore(pair, best)))
			best = pair;
	}
	return best;
}

function isBefore(a: Pair, b: Pair): boolean {
	return a.left < b.left || (a.left === b.left && a.right < b.right);
}

/** Replaces a pair by a new token in all words that hold it. */
function mergePair(pairs: Map<string, Pair>, pair: Pair, token: number): void {
	for (const word of pair.words) {
		addPairs(pairs, word, -word.count);
		word.tokens = merged(word.tokens, pair, token);
		addPairs(pairs, word, word.count);
	}
}

function merged(tokens: readonly number[], { left, right }: Pair, token: number): number[] {
	const result: number[] = [];
	for (let i = 0; i < tokens.length; i++) {
		const isPair = tokens[i] === left && tokens[i + 1] === right;
		result.push(isPair ? token : (tokens[i] as number));
		if (isPair) i++;
	}
	return result;
}

function tokenizerFile(
	vocabulary: readonly string[],
	merges: readonly (readonly [string, string])[],
	specials: readonly string[],
): object {
	const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
	const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
	return {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: specials.map((content, id) => ({ id, content, ...flags })),
		normalizer: null,
		pre_tokenizer: byteLevel,
		post_processor: null,
		decoder: byteLevel,
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: false,
			vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
			merges,
		},
	};
}

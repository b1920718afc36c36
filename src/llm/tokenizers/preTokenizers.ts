/**
 * How texts are cut before tokens are made of them, by the names that GGUF files give: the tokenizer itself is not in such a
 * file. A name that is not here is refused, because another cut gives other tokens. Source: llama.cpp, `llama-vocab.cpp`, and
 * the tokenizer.json of the models themselves.
 */
import { UserError } from '../../core/errors.ts';

/** Parts of a tokenizer.json. */
export interface TextCutting {
	readonly normalizer: unknown;
	readonly preTokenizer: unknown;
	/** Whether a piece of text that is a token as a whole stays whole, whatever merges would make of it. */
	readonly ignoreMerges: boolean;
	/** Whether a text starts with the first special token where the file does not say. */
	readonly startsText: boolean;
}

const byteLevel = (useRegex: boolean) => ({
	type: 'ByteLevel',
	add_prefix_space: false,
	trim_offsets: true,
	use_regex: useRegex,
});

const sequence = (...pretokenizers: readonly unknown[]) => ({ type: 'Sequence', pretokenizers });
const splitBy = (pattern: string) =>
	sequence({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, byteLevel(false));

const composed = { type: 'NFC' };
const asGpt2: TextCutting = { normalizer: null, preTokenizer: byteLevel(true), ignoreMerges: false, startsText: false };
const singleDigits: TextCutting = {
	...asGpt2,
	preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)),
};

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const wordsAndNumbers = (numbers: string): string =>
	`${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
/** Words are cut where small letters are followed by capitals. */
const casedWords = (suffix: string, numbers: string): string => {
	const [upper, lower] = ['\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}', '\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}'];
	return (
		`[^\\r\\n\\p{L}\\p{N}]?[${upper}]*[${lower}]+${suffix}|[^\\r\\n\\p{L}\\p{N}]?[${upper}]+[${lower}]*${suffix}` +
		`|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
	);
};

const threeDigits: TextCutting = { ...asGpt2, preTokenizer: splitBy(wordsAndNumbers('\\p{N}{1,3}')) };
const asLlama3: TextCutting = { ...threeDigits, ignoreMerges: true, startsText: true };
const asQwen2: TextCutting = { ...asGpt2, normalizer: composed, preTokenizer: splitBy(wordsAndNumbers('\\p{N}')) };
const asTekken: TextCutting = { ...asLlama3, preTokenizer: splitBy(casedWords('', '\\p{N}')) };
const asGpt4o: TextCutting = { ...asGpt2, preTokenizer: splitBy(casedWords(`${contractions}?`, '\\p{N}{1,3}')) };

const ways: Readonly<Record<string, TextCutting>> = {
	'gpt-2': asGpt2,
	mpt: asGpt2,
	olmo: { ...asGpt2, normalizer: composed },
	smollm: singleDigits,
	starcoder: singleDigits,
	refact: singleDigits,
	'command-r': singleDigits,
	'llama-bpe': asLlama3,
	llama3: asLlama3,
	'llama-v3': asLlama3,
	falcon3: asLlama3,
	pixtral: asLlama3,
	lfm2: asLlama3,
	dbrx: threeDigits,
	'smaug-bpe': threeDigits,
	qwen2: asQwen2,
	'deepseek-r1-qwen': asQwen2,
	megrez: asQwen2,
	stablelm2: asQwen2,
	tekken: asTekken,
	'gpt-4o': asGpt4o,
	llama4: asGpt4o,
};

/** Names of the ways of cutting that are known. */
export const knownCuttings: readonly string[] = Object.keys(ways);

/** Returns how texts are cut. Throws `UserError` for a name that is missing or not known. */
export function textCutting(file: string, name: string | undefined): TextCutting {
	const way = name !== undefined && Object.hasOwn(ways, name) ? ways[name] : undefined;
	if (way !== undefined) return way;
	const problem =
		name === undefined || name === 'default'
			? 'does not say how its tokenizer cuts texts (tokenizer.ggml.pre), as files of 2023 and before'
			: `names the pre-tokenizer "${name}" (tokenizer.ggml.pre), which is not known`;
	throw new UserError(
		`${file}: ${problem}. Known: ${Object.keys(ways).join(', ')}. Convert the model again, or take its safetensors.`,
	);
}

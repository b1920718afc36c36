/** How many tokens a text has at the least, told by its length: a text that is far too long need not be tokenised. */
import { z } from 'zod';
import type { TokenizerFile } from './tokenizerFile.ts';
import type { TokenSpelling } from './tokenBytes.ts';

const bytePairs = z.looseObject({
	type: z.literal('BPE'),
	vocab: z.record(z.string(), z.number()),
	byte_fallback: z.boolean().nullish(),
});
const normalizerSchema = z.looseObject({ type: z.string() }).nullish();
const strippingToken = z.looseObject({ lstrip: z.literal(true) }).or(z.looseObject({ rstrip: z.literal(true) }));

/** Most bytes that NFC makes one byte of: the Kelvin sign, of three bytes, becomes the letter K. */
const shrinkageOfNfc = 3;

/**
 * Returns a function from a text to a number of tokens that it has at the least. It gives 0 for tokenizers of which that
 * cannot be told: where an unknown token may stand for any number of characters, or a normaliser shortens the text.
 */
export function fewestTokens(value: TokenizerFile, spelling: TokenSpelling): (text: string) => number {
	const model = bytePairs.safeParse(value.model).data;
	const shrinkage = shrinkageOf(value.normalizer);
	if (model === undefined || shrinkage === null || (spelling === 'metaspace' && model.byte_fallback !== true)) {
		return () => 0;
	}
	// A letter of byte-level tokens is a byte; in others a space is written as a letter of three bytes, which is more.
	const bytesOf = (token: string): number => (spelling === 'byteLevel' ? token.length : Buffer.byteLength(token));
	const added = value.added_tokens.map(({ content }) => Buffer.byteLength(content));
	const longest = Math.max(
		1,
		...added,
		Object.keys(model.vocab).reduce((most, token) => Math.max(most, bytesOf(token)), 0),
	);
	// Some added tokens take the white space beside them, however much it is.
	const strips = value.added_tokens.some((token) => strippingToken.safeParse(token).success);
	return (text) => {
		const counted = strips ? text.replaceAll(/\s+/gu, ' ') : text;
		return Math.ceil(Buffer.byteLength(counted) / (longest * shrinkage));
	};
}

/** Returns how many bytes of a text can become one; null for normalisers of which that is not known. */
function shrinkageOf(normalizer: z.output<typeof normalizerSchema>): number | null {
	if (normalizer === null || normalizer === undefined) return 1;
	const { type, pattern, content, normalizers } = normalizer;
	if (type === 'NFC') return shrinkageOfNfc;
	if (type === 'Prepend') return 1;
	if (type === 'Replace') return JSON.stringify(pattern) === '{"String":" "}' && content === '▁' ? 1 : null;
	if (type !== 'Sequence') return null;
	const inner = z.array(normalizerSchema).safeParse(normalizers).data?.map(shrinkageOf) ?? [null];
	return inner.reduce((product, factor) => (product === null || factor === null ? null : product * factor), 1);
}

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

/** What the number of tokens of a text depends on. */
export interface LargestToken {
	/** Bytes of a text that one token stands for at the most. */
	readonly bytes: number;
	/** Whether some tokens take the white space beside them, however much it is. */
	readonly strips: boolean;
}

/**
 * Returns how much of a text one token can be. It is null for tokenizers of which that cannot be told: where an unknown token
 * may stand for any number of characters, or a normaliser shortens the text.
 */
export function largestToken(value: TokenizerFile, spelling: TokenSpelling): LargestToken | null {
	const model = bytePairs.safeParse(value.model).data;
	const shrinkage = shrinkageOf(value.normalizer);
	if (model === undefined || shrinkage === null || (spelling === 'metaspace' && model.byte_fallback !== true)) {
		return null;
	}
	// A letter of byte-level tokens is a byte; in others a space is written as a letter of three bytes, which is more.
	const bytesOf = (token: string): number => (spelling === 'byteLevel' ? token.length : Buffer.byteLength(token));
	const added = value.added_tokens.map(({ content }) => Buffer.byteLength(content));
	const longest = Math.max(
		1,
		...added,
		Object.keys(model.vocab).reduce((most, token) => Math.max(most, bytesOf(token)), 0),
	);
	const strips = value.added_tokens.some((token) => strippingToken.safeParse(token).success);
	return { bytes: longest * shrinkage, strips };
}

/** Returns a number of tokens that a text has at the least; 0 where it cannot be told. */
export function fewestTokens(largest: LargestToken | null, text: string): number {
	if (largest === null) return 0;
	const counted = largest.strips ? text.replaceAll(/\s+/gu, ' ') : text;
	return Math.ceil(Buffer.byteLength(counted) / largest.bytes);
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

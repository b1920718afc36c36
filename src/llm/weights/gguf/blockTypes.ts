/**
 * The types of numbers in GGUF files, with what a block of each decodes to: whole numbers, a scale for each group of them
 * and, for some types, something that is subtracted: value = scale * code - minimum. All of these are exact in float32, and
 * so are their products, so that a value is rounded once, as in ggml. Source: ggml, `ggml-common.h` and `ggml-quants.c`.
 */
import { splitKQuants } from './kQuants.ts';
import { splitLegacy } from './legacyQuants.ts';
import type { BlockType } from './blockSplit.ts';
import { splitTables } from './tableQuants.ts';

/** Types of several numbers in a block, by their names in ggml. */
export const blockTypes = { ...splitLegacy, ...splitKQuants, ...splitTables } satisfies Record<string, BlockType>;

export type BlockTypeName = keyof typeof blockTypes;

/** Types of numbers that stand for themselves, as they are called in safetensors. */
export type PlainTypeName = 'F32' | 'F16' | 'BF16';

export function isBlockType(name: string): name is BlockTypeName {
	return Object.hasOwn(blockTypes, name);
}

/** Names by the numbers that files use. */
const typeNumbers: Readonly<Record<number, BlockTypeName | PlainTypeName>> = {
	0: 'F32',
	1: 'F16',
	2: 'Q4_0',
	3: 'Q4_1',
	6: 'Q5_0',
	7: 'Q5_1',
	8: 'Q8_0',
	10: 'Q2_K',
	11: 'Q3_K',
	12: 'Q4_K',
	13: 'Q5_K',
	14: 'Q6_K',
	20: 'IQ4_NL',
	23: 'IQ4_XS',
	30: 'BF16',
	39: 'MXFP4',
};

/** Types that exist and are not read, for messages. */
const refusedNumbers: Readonly<Record<number, string>> = {
	9: 'Q8_1',
	15: 'Q8_K',
	16: 'IQ2_XXS',
	17: 'IQ2_XS',
	18: 'IQ3_XXS',
	19: 'IQ1_S',
	21: 'IQ3_S',
	22: 'IQ2_S',
	24: 'I8',
	25: 'I16',
	26: 'I32',
	27: 'I64',
	28: 'F64',
	29: 'IQ1_M',
	34: 'TQ1_0',
	35: 'TQ2_0',
	40: 'NVFP4',
};

/** Returns the type of a number, or how a type that is not read is called. */
export function typeOfNumber(
	number: number,
): { readonly name: BlockTypeName | PlainTypeName } | { readonly refused: string } {
	const name = typeNumbers[number];
	return name === undefined ? { refused: refusedNumbers[number] ?? `unknown (number ${number})` } : { name };
}

/** Returns how many numbers lie together, and their bytes. */
export function blockOf(name: BlockTypeName | PlainTypeName): { readonly elements: number; readonly bytes: number } {
	if (name === 'F32') return { elements: 1, bytes: 4 };
	return name === 'F16' || name === 'BF16' ? { elements: 1, bytes: 2 } : blockTypes[name];
}

/** All types that are read. */
export const readableTypes: readonly string[] = Object.values(typeNumbers);

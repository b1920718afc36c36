/** What the decoders of all block types share. */
import { halfValue } from '../floatConversion.ts';

/** Where the parts of blocks go: codes one per number, scales and minima one per group. */
export interface BlockParts {
	readonly codes: Int8Array;
	readonly scales: Float32Array;
	/** What is subtracted; stays 0 for types that have none. */
	readonly minima: Float32Array;
}

/** Writes the parts of the block that begins at `from`, from code number `code` and group number `group` on. */
export type BlockSplit = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number) => void;

export interface BlockType {
	/** Numbers that lie together, and what they take. */
	readonly elements: number;
	readonly bytes: number;
	/** How many numbers share a scale. */
	readonly group: 16 | 32;
	readonly split: BlockSplit;
}

/** Returns the half-precision number at a place, little-endian. */
export function halfAt(bytes: Uint8Array, at: number): number {
	return halfValue((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
}

/** Writes 32 codes of 4 bits: the low halves of 16 bytes first, then the high ones. */
export function splitHalves(bytes: Uint8Array, from: number, codes: Int8Array, code: number, toCode: Int8Array): void {
	for (let i = 0; i < 16; i++) {
		const byte = bytes[from + i] as number;
		codes[code + i] = toCode[byte & 15] as number;
		codes[code + 16 + i] = toCode[byte >> 4] as number;
	}
}

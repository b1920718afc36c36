/** Blocks of 32 numbers with one scale. Source: ggml, `dequantize_row_q4_0` and the functions beside it. */
import { type BlockParts, type BlockType, halfAt, splitHalves } from './blockSplit.ts';

const asTheyAre = Int8Array.from({ length: 16 }, (_, q) => q);
const aroundEight = Int8Array.from({ length: 16 }, (_, q) => q - 8);

/** d (q - 8). */
const q4_0 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	splitHalves(bytes, from + 2, parts.codes, code, aroundEight);
};

/** d q + m. */
const q4_1 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	parts.minima[group] = -halfAt(bytes, from + 2);
	splitHalves(bytes, from + 4, parts.codes, code, asTheyAre);
};

/** Adds the fifth bits, which lie in four bytes before the others, and a shift. */
function addFifthBits(bytes: Uint8Array, from: number, codes: Int8Array, code: number, shift: number): void {
	for (let i = 0; i < 32; i++) {
		const bit = ((bytes[from + (i >> 3)] as number) >> (i & 7)) & 1;
		codes[code + i] = ((codes[code + i] as number) | (bit << 4)) + shift;
	}
}

/** d (q - 16). */
const q5_0 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	splitHalves(bytes, from + 6, parts.codes, code, asTheyAre);
	addFifthBits(bytes, from + 2, parts.codes, code, -16);
};

/** d q + m. */
const q5_1 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	parts.minima[group] = -halfAt(bytes, from + 2);
	splitHalves(bytes, from + 8, parts.codes, code, asTheyAre);
	addFifthBits(bytes, from + 4, parts.codes, code, 0);
};

/** d q. */
const q8_0 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	for (let i = 0; i < 32; i++) parts.codes[code + i] = bytes[from + 2 + i] as number;
};

export const splitLegacy = {
	['Q4_0']: { elements: 32, bytes: 18, group: 32, split: q4_0 },
	['Q4_1']: { elements: 32, bytes: 20, group: 32, split: q4_1 },
	['Q5_0']: { elements: 32, bytes: 22, group: 32, split: q5_0 },
	['Q5_1']: { elements: 32, bytes: 24, group: 32, split: q5_1 },
	['Q8_0']: { elements: 32, bytes: 34, group: 32, split: q8_0 },
} as const satisfies Record<string, BlockType>;

/** Blocks of 256 numbers in groups whose scales are themselves small numbers. Source: ggml, `dequantize_row_q2_K` to `_q6_K`. */
import { type BlockParts, type BlockType, halfAt } from './blockSplit.ts';

/** d a q - dmin b, with a and b of 4 bits each. */
const q2K = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	const [d, least] = [halfAt(bytes, from + 80), halfAt(bytes, from + 82)];
	for (let s = 0; s < 16; s++) {
		const scale = bytes[from + s] as number;
		parts.scales[group + s] = d * (scale & 15);
		parts.minima[group + s] = least * (scale >> 4);
	}
	for (let i = 0; i < 256; i++) parts.codes[code + i] = twoBits(bytes, from + 16, i);
};

/** d (s - 32) (q - 4), where the third bit of q is the one in the mask. */
const q3K = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	const d = halfAt(bytes, from + 108);
	for (let s = 0; s < 16; s++) {
		const byte = bytes[from + 96 + (s & 7)] as number;
		const high = ((bytes[from + 104 + (s & 3)] as number) >> (2 * (s >> 2))) & 3;
		parts.scales[group + s] = d * (((s < 8 ? byte & 15 : byte >> 4) | (high << 4)) - 32);
	}
	for (let i = 0; i < 256; i++) {
		const bit = ((bytes[from + (i & 31)] as number) >> (i >> 5)) & 1;
		parts.codes[code + i] = twoBits(bytes, from + 32, i) - (bit === 1 ? 0 : 4);
	}
};

/** d a q - dmin b, with a and b of 6 bits. */
const q4K = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	splitScales(bytes, from, parts, group);
	splitNibbles(bytes, from + 16, parts.codes, code);
};

/** As Q4_K, with a fifth bit of each number. */
const q5K = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	splitScales(bytes, from, parts, group);
	splitNibbles(bytes, from + 48, parts.codes, code);
	for (let i = 0; i < 256; i++) {
		const bit = ((bytes[from + 16 + (i & 31)] as number) >> (i >> 5)) & 1;
		parts.codes[code + i] = (parts.codes[code + i] as number) | (bit << 4);
	}
};

/** d s (q - 32), with q of 6 bits: four and two. */
const q6K = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	const d = halfAt(bytes, from + 208);
	for (let s = 0; s < 16; s++) parts.scales[group + s] = d * (((bytes[from + 192 + s] as number) << 24) >> 24);
	for (let i = 0; i < 256; i++) {
		const [half, within] = [i >> 7, i & 127];
		const byte = bytes[from + 64 * half + (within & 63)] as number;
		const high = ((bytes[from + 128 + 32 * half + (within & 31)] as number) >> (2 * (within >> 5))) & 3;
		parts.codes[code + i] = ((within < 64 ? byte & 15 : byte >> 4) | (high << 4)) - 32;
	}
};

function twoBits(bytes: Uint8Array, from: number, i: number): number {
	return ((bytes[from + 32 * (i >> 7) + (i & 31)] as number) >> (2 * ((i & 127) >> 5))) & 3;
}

/** Each 32 bytes hold 64 numbers: the low halves first. */
function splitNibbles(bytes: Uint8Array, from: number, codes: Int8Array, code: number): void {
	for (let i = 0; i < 256; i++) {
		const byte = bytes[from + 32 * (i >> 6) + (i & 31)] as number;
		codes[code + i] = (i & 32) === 0 ? byte & 15 : byte >> 4;
	}
}

/** Eight scales and minima of 6 bits in twelve bytes, after their two factors. */
function splitScales(bytes: Uint8Array, from: number, parts: BlockParts, group: number): void {
	const [d, least] = [halfAt(bytes, from), halfAt(bytes, from + 2)];
	const at = (j: number): number => bytes[from + 4 + j] as number;
	for (let j = 0; j < 8; j++) {
		const scale = j < 4 ? at(j) & 63 : (at(j + 4) & 15) | ((at(j - 4) >> 6) << 4);
		const minimum = j < 4 ? at(j + 4) & 63 : (at(j + 4) >> 4) | ((at(j) >> 6) << 4);
		parts.scales[group + j] = d * scale;
		parts.minima[group + j] = least * minimum;
	}
}

export const splitKQuants = {
	['Q2_K']: { elements: 256, bytes: 84, group: 16, split: q2K },
	['Q3_K']: { elements: 256, bytes: 110, group: 16, split: q3K },
	['Q4_K']: { elements: 256, bytes: 144, group: 32, split: q4K },
	['Q5_K']: { elements: 256, bytes: 176, group: 32, split: q5K },
	['Q6_K']: { elements: 256, bytes: 210, group: 16, split: q6K },
} as const satisfies Record<string, BlockType>;

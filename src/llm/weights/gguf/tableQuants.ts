/** Blocks whose codes of 4 bits stand for the entries of a table. Source: ggml, `dequantize_row_iq4_nl`, `_iq4_xs`, `_mxfp4`. */
import { type BlockParts, type BlockType, halfAt, splitHalves } from './blockSplit.ts';

const unevenSteps = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
/** Twice the values of a float of 4 bits (OCP Microscaling Formats 1.0: E2M1). */
const twiceFloat4 = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

const iq4Nl = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = halfAt(bytes, from);
	splitHalves(bytes, from + 2, parts.codes, code, unevenSteps);
};

/** d (s - 32) T[q], with s of 6 bits: the low four in `low`, the high two in `high`. */
const iq4Xs = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	const d = halfAt(bytes, from);
	const high = (bytes[from + 2] as number) | ((bytes[from + 3] as number) << 8);
	for (let j = 0; j < 8; j++) {
		const low = ((bytes[from + 4 + (j >> 1)] as number) >> (4 * (j & 1))) & 15;
		parts.scales[group + j] = d * ((low | (((high >> (2 * j)) & 3) << 4)) - 32);
		splitHalves(bytes, from + 8 + 16 * j, parts.codes, code + 32 * j, unevenSteps);
	}
};

/** 2^(e - 128) times twice the value, which is 2^(e - 127) times the value. */
const mxfp4 = (bytes: Uint8Array, from: number, parts: BlockParts, code: number, group: number): void => {
	parts.scales[group] = 2 ** ((bytes[from] as number) - 128);
	splitHalves(bytes, from + 1, parts.codes, code, twiceFloat4);
};

export const splitTables = {
	['IQ4_NL']: { elements: 32, bytes: 18, group: 32, split: iq4Nl },
	['IQ4_XS']: { elements: 256, bytes: 136, group: 32, split: iq4Xs },
	['MXFP4']: { elements: 32, bytes: 17, group: 32, split: mxfp4 },
} as const satisfies Record<string, BlockType>;

/**
 * Blocks of a file in the layout that onnxruntime multiplies: numbers of 4 or 8 bits in the order of the row, a scale for
 * each group and, for types that subtract something, an offset. Nothing is rounded: codes of 5 and 6 bits take 8. The value
 * scale * code - minimum is kept as scale * (code - centre) + offset with offset = centre * scale - minimum, so that
 * numbers lie around 0, and rounding what they are multiplied with costs least.
 */
import type { BlockForm } from '../../../engine/graph/blockWeights.ts';
import { type BlockTypeName, blockTypes } from './blockTypes.ts';
import type { BlockParts } from './blockSplit.ts';
import { splitBlocks } from './decode.ts';

/** How the codes of a type are kept. */
interface Packing {
	readonly bits: BlockForm['bits'];
	/** The middle of the codes of a type that has minima; null for types that have none. */
	readonly centre: number | null;
}

const packings: Readonly<Record<BlockTypeName, Packing>> = {
	['Q4_0']: { bits: 4, centre: null },
	['Q4_1']: { bits: 4, centre: 8 },
	['Q5_0']: { bits: 8, centre: null },
	['Q5_1']: { bits: 8, centre: 16 },
	['Q8_0']: { bits: 8, centre: null },
	['Q2_K']: { bits: 4, centre: 2 },
	['Q3_K']: { bits: 4, centre: null },
	['Q4_K']: { bits: 4, centre: 8 },
	['Q5_K']: { bits: 8, centre: 16 },
	['Q6_K']: { bits: 8, centre: null },
	['IQ4_NL']: { bits: 8, centre: null },
	['IQ4_XS']: { bits: 8, centre: null },
	['MXFP4']: { bits: 8, centre: null },
};

/** Returns the form that matrices of a type are packed in. */
export function packedForm(type: BlockTypeName): Pick<BlockForm, 'bits' | 'size' | 'hasOffsets'> {
	const { bits, centre } = packings[type];
	return { bits, size: blockTypes[type].group, hasOffsets: centre !== null };
}

export interface PackedMatrix {
	/** Row by row, low bits first. */
	readonly numbers: Uint8Array<ArrayBuffer>;
	/** One per group, as are offsets; these are empty where the form has none. */
	readonly scales: Float32Array<ArrayBuffer>;
	readonly offsets: Float32Array<ArrayBuffer>;
}

/** Blocks that are split at once: their parts need memory beside the result. */
const blocksAtOnce = 4096;

/** Returns a matrix whose stored blocks are `bytes`. `order` names for each row the stored one; as stored where undefined. */
export function packBlocks(
	type: BlockTypeName,
	bytes: Uint8Array,
	rows: number,
	order: Int32Array | undefined,
): PackedMatrix {
	const { elements, bytes: size, group } = blockTypes[type];
	const { bits, size: _, hasOffsets } = packedForm(type);
	const rowBytes = bytes.length / rows;
	const rowCodes = (rowBytes / size) * elements;
	const packed = {
		numbers: new Uint8Array((rows * rowCodes * bits) / 8),
		scales: new Float32Array((rows * rowCodes) / group),
		offsets: new Float32Array(hasOffsets ? (rows * rowCodes) / group : 0),
	};
	const rowsAtOnce = Math.max(1, Math.floor((blocksAtOnce * size) / rowBytes));
	for (let row = 0; row < rows; row += order === undefined ? rowsAtOnce : 1) {
		const from = (order?.[row] ?? row) * rowBytes;
		const count = order === undefined ? Math.min(rowsAtOnce, rows - row) : 1;
		pack(type, splitBlocks(type, bytes.subarray(from, from + count * rowBytes)), packed, row * rowCodes);
	}
	return packed;
}

/** Writes split blocks from code number `first` on. */
function pack(type: BlockTypeName, { codes, scales, minima }: BlockParts, packed: PackedMatrix, first: number): void {
	const { bits, centre } = packings[type];
	const shift = 2 ** (bits - 1) - (centre ?? 0);
	const { numbers } = packed;
	if (bits === 8) for (let i = 0; i < codes.length; i++) numbers[first + i] = (codes[i] as number) + shift;
	else
		for (let i = 0, to = first / 2; i < codes.length; i += 2)
			numbers[to++] = ((codes[i] as number) + shift) | (((codes[i + 1] as number) + shift) << 4);
	const group = first / blockTypes[type].group;
	packed.scales.set(scales, group);
	if (centre === null) return;
	for (let g = 0; g < scales.length; g++)
		packed.offsets[group + g] = centre * (scales[g] as number) - (minima[g] as number);
}

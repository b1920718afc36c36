/** From blocks to numbers. */
import { blockTypes, type BlockTypeName } from './blockTypes.ts';
import type { BlockParts } from './blockSplit.ts';

/** Returns the parts of all blocks of some bytes, which are whole blocks. */
export function splitBlocks(type: BlockTypeName, bytes: Uint8Array): BlockParts {
	const block = blockTypes[type];
	const blocks = bytes.length / block.bytes;
	const groups = block.elements / block.group;
	const parts = {
		codes: new Int8Array(blocks * block.elements),
		scales: new Float32Array(blocks * groups),
		minima: new Float32Array(blocks * groups),
	};
	for (let i = 0; i < blocks; i++) block.split(bytes, i * block.bytes, parts, i * block.elements, i * groups);
	return parts;
}

/** Blocks that are split at once: their parts need memory beside the numbers. */
const blocksAtOnce = 4096;

/** Returns the numbers of blocks: scale * code - minimum, as gguf-py's `dequantize` gives them, bit for bit. */
export function decodeBlocks(type: BlockTypeName, bytes: Uint8Array): Float32Array<ArrayBuffer> {
	const block = blockTypes[type];
	const values = new Float32Array((bytes.length / block.bytes) * block.elements);
	const size = blocksAtOnce * block.bytes;
	for (let from = 0, to = 0; from < bytes.length; from += size) {
		const parts = splitBlocks(type, bytes.subarray(from, from + size));
		join(parts, block.group, values.subarray(to, to + parts.codes.length));
		to += parts.codes.length;
	}
	return values;
}

function join({ codes, scales, minima }: BlockParts, group: number, values: Float32Array): void {
	for (let g = 0, i = 0; g < scales.length; g++) {
		const [scale, minimum] = [scales[g] as number, minima[g] as number];
		for (const end = i + group; i < end; i++) values[i] = scale * (codes[i] as number) - minimum;
	}
}

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

/** Returns the numbers of blocks: scale * code - minimum, as gguf-py's `dequantize` gives them, bit for bit. */
export function decodeBlocks(type: BlockTypeName, bytes: Uint8Array): Float32Array<ArrayBuffer> {
	const { group } = blockTypes[type];
	const { codes, scales, minima } = splitBlocks(type, bytes);
	const values = new Float32Array(codes.length);
	for (let g = 0, i = 0; g < scales.length; g++) {
		const [scale, minimum] = [scales[g] as number, minima[g] as number];
		for (const end = i + group; i < end; i++) values[i] = scale * (codes[i] as number) - minimum;
	}
	return values;
}

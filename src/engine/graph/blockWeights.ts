/**
 * Matrices in blocks along their rows: numbers of few bits, a scale for each block and, in some forms, an offset. A weight
 * is scale * (number - 2^(bits - 1)) + offset. Such a matrix is multiplied as it is, or widened to float32 at each use.
 * Offsets never widen a matrix: all weights of a block share one, so that what they add is a product with a matrix that has
 * one column for each block.
 */
import {
	add,
	after,
	blockQuantisedMatmul,
	dequantise,
	expand,
	gatherBlocks,
	gatherRows,
	matmul,
	reshape,
	sum,
	transpose,
	weight,
} from './build.ts';
import type { Node } from './node.ts';
import type { Dimension } from './shape.ts';

export type Bits = 4 | 8;

export interface BlockForm {
	readonly bits: Bits;
	/** Weights of a row that share a scale. */
	readonly size: 16 | 32;
	readonly hasOffsets: boolean;
	/** Whether rows are looked up in it, too; else the stored table is there for that. */
	readonly servesLookups: boolean;
	/** Whether products may round what they multiply to 8 bits, where nothing is differentiated. */
	readonly rounds: boolean;
}

/** Forms of the matrices that lie in blocks, by name. */
export type Quantised = ReadonlyMap<string, BlockForm>;

/** Names of the parts of a matrix in blocks: numbers [M, K] low bits first, scales and offsets [M, K / size]. */
export const blockParts = (name: string) => ({
	numbers: `${name}.numbers`,
	scales: `${name}.scales`,
	offsets: `${name}.offsets`,
});

/** Returns the matrix that a tensor is a part of, undefined where it is none. */
export function blockOwner(part: string): string | undefined {
	return /^(.+)\.(?:numbers|scales|offsets)$/u.exec(part)?.[1];
}

/** Name of a tensor of the numbers that stand for 0, at least as many as any matrix has blocks. */
export const zeroNumbers = (bits: Bits): string => `zeros.${bits}`;

/** The parameters of a product: only the first operand may be turned as well. */
type Turns = Node<'matmul'>['parameters'];

/** Returns whether a product can take a matrix as it is: kernels for float32 operands exist for 4 bits only. */
export function multipliesPacked({ bits, rounds }: BlockForm, { transposeB }: Turns): boolean {
	return transposeB && (rounds || bits === 4);
}

/** Returns x W^T of the packed numbers, without what offsets add. */
export function packedProduct(x: Node, { parameters: { name }, shape }: Node<'weight'>, form: BlockForm): Node {
	const [rows, width] = shape as [number, number];
	const { bits, size, rounds } = form;
	const { numbers, scales } = blockParts(name);
	const packed = weight(numbers, [rows, width / size, (size * bits) / 8], 'uint8');
	return blockQuantisedMatmul(x, packed, weight(scales, [rows, width / size]), { bits, blockSize: size, rounds });
}

/** Returns some rows of a matrix as float32, without offsets, made when `earlier` is there. */
export function widenedRows(
	{ parameters: { name }, shape }: Node<'weight'>,
	{ bits, size }: BlockForm,
	[start, end]: readonly [number, number],
	earlier: Node,
): Node {
	const width = Number(shape[1]);
	const [first, count] = [(start * width) / size, ((end - start) * width) / size];
	const { numbers, scales } = blockParts(name);
	const integers = bits === 8 ? 'uint8' : 'uint4';
	const blocks = dequantise(
		weight(numbers, [count, size], integers, first),
		after(weight(scales, [count], 'float32', first), earlier),
		weight(zeroNumbers(bits), [count], integers),
	);
	return reshape(blocks, [end - start, width]);
}

/** Returns a product with what the offsets of its matrix add; the product itself where there are none. */
export function withOffsets(product: Node, x: Node, matrix: Node<'weight'>, form: BlockForm, turns: Turns): Node {
	if (!form.hasOffsets) return product;
	const [rows, width] = matrix.shape as [number, number];
	const offsets = weight(blockParts(matrix.parameters.name).offsets, [rows, width / form.size]);
	const operand = turns.transposeA ? transpose(x, [1, 0]) : x;
	const added = turns.transposeB
		? matmul(blockSums(operand, form.size), offsets, { transposeB: true })
		: spread(matmul(operand, offsets), form.size);
	return add(product, added);
}

/** Returns rows of a matrix by ids, as float32; only these rows are read. */
export function blockRows({ parameters: { name }, shape }: Node<'weight'>, ids: Node, form: BlockForm): Node {
	const [rows, width] = shape as [number, number];
	const { bits, size, hasOffsets } = form;
	const { numbers, scales, offsets } = blockParts(name);
	const blocks = [rows, width / size];
	const packed = weight(numbers, [rows, (width * bits) / 8], 'uint8');
	const found = gatherBlocks(packed, ids, weight(scales, blocks), { bits, blockSize: size });
	return hasOffsets ? add(found, spread(gatherRows(weight(offsets, blocks), ids), size)) : found;
}

/** [N, K] to [N, K / size]. */
function blockSums(x: Node, size: number): Node {
	const [rows, width] = x.shape as [Dimension, number];
	return reshape(sum(reshape(x, [rows, width / size, size]), [2]), [rows, width / size]);
}

/** [..., K / size] to [..., K], each number `size` times. */
function spread(x: Node, size: number): Node {
	const blocks = Number(x.shape.at(-1));
	const rows = x.shape.slice(0, -1);
	return reshape(expand(reshape(x, [...rows, blocks, 1]), [...rows, blocks, size]), [...rows, blocks * size]);
}

/**
 * Weights that stay in memory as they are stored: with 16 bits, or quantised. Kernels of the CPU want float32; a cast at
 * the beginning would keep a second, wider copy of every weight. Here each use makes its own copy, when its other operand
 * is there, and drops it afterwards.
 */
import {
	add,
	after,
	cast,
	concat,
	dequantise,
	gatherRows,
	matmul,
	blockQuantisedMatmul,
	slice,
	weight,
} from './build.ts';
import { type Node, topologicalOrder } from './node.ts';
import { rewrite } from './rewrite.ts';

/** Largest float32 copy that one use makes, in elements: 64 MiB. Larger weights are used piece by piece. */
const largestPiece = 2 ** 24;

/** Elements of a row that share a scale. */
export const blockSize = 32;

export type Bits = 4 | 8;

/** Names of the parts of a quantised matrix: numbers, scales, and the number that stands for 0 of each block. */
export const quantisedParts = (name: string) => ({
	numbers: `${name}.quantised`,
	scales: `${name}.scales`,
	zeros: `${name}.zeros`,
});

/** Bits of matrices that are stored quantised, too, by name. */
export type Quantised = ReadonlyMap<string, Bits>;

/**
 * Returns outputs of the same values in which a matrix of the checkpoint becomes float32 where it is used. Other casts
 * (norms, biases) stay as they are: they are small. Quantised matrices take the place of the stored ones in products:
 * as they are where a graph holds no gradients; widened, so that forward and backward belong to one function, where it does.
 */
export function storedWeights<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	quantised: Quantised = new Map(),
	pieceSize = largestPiece,
): Record<Name, Node> {
	const order = topologicalOrder(Object.values(outputs));
	const use = { quantised, pieceSize, isDifferentiated: quantised.size > 0 && isDifferentiated(order) };
	return rewrite(outputs, (node, again) => {
		const [first, second] = node.inputs;
		const [table, matrix] = [first && storedMatrix(first), second && storedMatrix(second)];
		if (node.operation === 'matmul' && matrix !== undefined && isWidened(matrix, quantised))
			return product(again(first as Node), matrix, node as Node<'matmul'>, use);
		if (node.operation === 'gatherRows' && table !== undefined && table.type !== 'float32')
			return cast(gatherRows(table, again(second as Node)), 'float32');
		return undefined;
	});
}

function isWidened({ type, parameters }: Node<'weight'>, quantised: Quantised): boolean {
	return type !== 'float32' || quantised.has(parameters.name);
}

interface Use {
	readonly quantised: Quantised;
	readonly pieceSize: number;
	readonly isDifferentiated: boolean;
}

/** Only gradients use a matrix both ways round. */
function isDifferentiated(order: readonly Node[]): boolean {
	const ways = new Map<string, boolean>();
	return order.some((node) => {
		const matrix = node.operation === 'matmul' && node.inputs[1] && storedMatrix(node.inputs[1]);
		if (!matrix) return false;
		const { transposeB } = (node as Node<'matmul'>).parameters;
		const known = ways.get(matrix.parameters.name) ?? transposeB;
		ways.set(matrix.parameters.name, known);
		return known !== transposeB;
	});
}

/** Returns the matrix of the checkpoint that a node is, or is the cast of. */
export function storedMatrix(node: Node): Node<'weight'> | undefined {
	const stored = node.operation === 'cast' ? node.inputs[0] : node;
	return stored?.operation === 'weight' && stored.shape.length === 2 ? (stored as Node<'weight'>) : undefined;
}

/**
 * Returns op(x) op(W) by pieces of the rows of W: where W is transposed they give columns of the result, else terms of
 * its sum. Each piece waits for the one before it.
 */
function product(x: Node, matrix: Node<'weight'>, { parameters: options }: Node<'matmul'>, use: Use): Node {
	const [rows, width] = matrix.shape as [number, number];
	const bits = use.quantised.get(matrix.parameters.name);
	if (bits !== undefined && options.transposeB && !use.isDifferentiated) return packedProduct(x, matrix, bits);
	const perPiece = Math.max(1, Math.ceil(rows / Math.ceil((rows * width) / use.pieceSize)));
	const parts: Node[] = [];
	for (let start = 0; start < rows; start += perPiece) {
		const end = Math.min(rows, start + perPiece);
		const piece = widened(matrix, start, end, parts.at(-1) ?? x, bits);
		const isWhole = end - start === rows;
		parts.push(matmul(options.transposeB || isWhole ? x : columns(x, options, start, end), piece, options));
	}
	if (parts.length === 1) return parts[0] as Node;
	return options.transposeB ? concat(parts, 1, rows) : parts.reduce(add);
}

/** Returns some rows of a matrix as float32, made when `earlier` is there. */
function widened(matrix: Node<'weight'>, start: number, end: number, earlier: Node, bits: Bits | undefined): Node {
	const { name, type } = matrix.parameters;
	const width = Number(matrix.shape[1]);
	if (bits === undefined) return cast(after(weight(name, [end - start, width], type, start), earlier), 'float32');
	const { numbers, scales, zeros } = quantisedParts(name);
	const blocks = [end - start, width / blockSize];
	const integers = bits === 8 ? 'uint8' : 'uint4';
	return dequantise(
		weight(numbers, [end - start, width], integers, start),
		after(weight(scales, blocks, 'float32', start), earlier),
		weight(zeros, blocks, integers, start),
		blockSize,
	);
}

function packedProduct(x: Node, { parameters: { name }, shape }: Node<'weight'>, bits: Bits): Node {
	const [rows, width] = shape as [number, number];
	const blocks = width / blockSize;
	const { numbers, scales } = quantisedParts(name);
	const packed = weight(numbers, [rows, blocks, (blockSize * bits) / 8], 'uint8');
	return blockQuantisedMatmul(x, packed, weight(scales, [rows, blocks], 'float32'), bits, blockSize);
}

function columns(x: Node, { transposeA }: Node<'matmul'>['parameters'], start: number, end: number): Node {
	return slice(x, transposeA ? 0 : 1, start, end);
}

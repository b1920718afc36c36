/**
 * Weights that stay in memory as they are stored: with 16 bits, or in blocks. Kernels of the CPU want float32; a cast at
 * the beginning would keep a second, wider copy of every weight. Here each use makes its own copy, when its other operand
 * is there, and drops it afterwards.
 */
import {
	type BlockForm,
	blockRows,
	multipliesPacked,
	packedProduct,
	type Quantised,
	widenedRows,
	withOffsets,
} from './blockWeights.ts';
import { add, after, cast, concat, gatherRows, matmul, slice, weight } from './build.ts';
import { type Node, topologicalOrder } from './node.ts';
import { rewrite } from './rewrite.ts';

/** Largest float32 copy that one use makes, in elements: 64 MiB. Larger weights are used piece by piece. */
const largestPiece = 2 ** 24;

/**
 * Returns outputs of the same values in which a matrix of the checkpoint becomes float32 where it is used. Other casts
 * (norms, biases) stay as they are: they are small. Matrices in blocks take the place of the stored ones: as they are where
 * a graph holds no gradients and a kernel can do it; widened where it does, so that forward and backward belong to one function.
 */
export function storedWeights<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	quantised: Quantised = new Map(),
	pieceSize = largestPiece,
): Record<Name, Node> {
	const order = topologicalOrder(Object.values(outputs));
	const isDifferentiated = quantised.size > 0 && hasGradients(order);
	return rewrite(outputs, (node, again) => {
		const [first, second] = node.inputs;
		const [table, matrix] = [first && storedMatrix(first), second && storedMatrix(second)];
		if (node.operation === 'matmul' && matrix !== undefined) {
			const form = quantised.get(matrix.parameters.name);
			if (form === undefined && matrix.type === 'float32') return undefined;
			return product(again(first as Node), matrix, node as Node<'matmul'>, { form, pieceSize, isDifferentiated });
		}
		if (node.operation !== 'gatherRows' || table === undefined) return undefined;
		const form = quantised.get(table.parameters.name);
		if (form?.servesLookups === true) return blockRows(table, again(second as Node), form);
		return table.type === 'float32' ? undefined : cast(gatherRows(table, again(second as Node)), 'float32');
	});
}

/**
 * Returns outputs in which products with matrices in blocks are those of whole numbers: what is multiplied is rounded to 8
 * bits, block by block. For graphs without gradients.
 */
export function roundedProducts<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	forms: Quantised,
): Record<Name, Node> {
	return rewrite(outputs, (node, again) => {
		const [first, second] = node.inputs;
		const matrix = node.operation === 'matmul' && second ? storedMatrix(second) : undefined;
		const form = matrix && forms.get(matrix.parameters.name);
		const turns = (node as Node<'matmul'>).parameters;
		if (matrix === undefined || form === undefined || !turns.transposeB) return undefined;
		const x = again(first as Node);
		return withOffsets(packedProduct(x, matrix, { ...form, rounds: true }), x, matrix, form, turns);
	});
}

interface Use {
	/** Undefined where the matrix is stored with 16 bits. */
	readonly form: BlockForm | undefined;
	readonly pieceSize: number;
	readonly isDifferentiated: boolean;
}

/** Only gradients use a matrix both ways round. */
function hasGradients(order: readonly Node[]): boolean {
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

/** Returns op(x) op(W). */
function product(x: Node, matrix: Node<'weight'>, node: Node<'matmul'>, use: Use): Node {
	const { form } = use;
	if (form === undefined) return widenedProduct(x, matrix, node, use);
	const isPacked = !use.isDifferentiated && multipliesPacked(form, node.parameters);
	const found = isPacked ? packedProduct(x, matrix, form) : widenedProduct(x, matrix, node, use);
	return withOffsets(found, x, matrix, form, node.parameters);
}

/**
 * Returns op(x) op(W) by pieces of the rows of W: where W is transposed they give columns of the result, else terms of
 * its sum. Each piece waits for the one before it.
 */
function widenedProduct(
	x: Node,
	matrix: Node<'weight'>,
	{ parameters: options }: Node<'matmul'>,
	{ form, pieceSize }: Use,
): Node {
	const [rows, width] = matrix.shape as [number, number];
	const perPiece = Math.max(1, Math.ceil(rows / Math.ceil((rows * width) / pieceSize)));
	const parts: Node[] = [];
	for (let start = 0; start < rows; start += perPiece) {
		const end = Math.min(rows, start + perPiece);
		const piece = widened(matrix, form, [start, end], parts.at(-1) ?? x);
		const isWhole = end - start === rows;
		parts.push(matmul(options.transposeB || isWhole ? x : columns(x, options, start, end), piece, options));
	}
	if (parts.length === 1) return parts[0] as Node;
	return options.transposeB ? concat(parts, 1, rows) : parts.reduce(add);
}

/** Returns some rows of a matrix as float32, made when `earlier` is there. */
function widened(
	matrix: Node<'weight'>,
	form: BlockForm | undefined,
	[start, end]: readonly [number, number],
	earlier: Node,
): Node {
	if (form !== undefined) return widenedRows(matrix, form, [start, end], earlier);
	const { name, type } = matrix.parameters;
	const width = Number(matrix.shape[1]);
	return cast(after(weight(name, [end - start, width], type, start), earlier), 'float32');
}

function columns(x: Node, { transposeA }: Node<'matmul'>['parameters'], start: number, end: number): Node {
	return slice(x, transposeA ? 0 : 1, start, end);
}

/**
 * 16-bit weights that stay so in memory. Kernels of the CPU want float32; a cast at the beginning would keep a second,
 * wider copy of every weight. Here each use makes its own copy, when its other operand is there, and drops it afterwards.
 */
import { add, after, cast, concat, createNode, gatherRows, matmul, slice, weight } from './build.ts';
import { type Node, topologicalOrder } from './node.ts';

/** Largest float32 copy that one use makes, in elements: 64 MiB. Larger weights are used piece by piece. */
const largestPiece = 2 ** 24;

/**
 * Returns outputs of the same values in which a cast matrix of the checkpoint is cast where it is used. Other casts
 * (norms, biases) stay as they are: they are small.
 */
export function widenAtUse<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	pieceSize = largestPiece,
): Record<Name, Node> {
	const rebuilt = new Map<Node, Node>();
	const again = (x: Node): Node => rebuilt.get(x) as Node;
	for (const node of topologicalOrder(Object.values(outputs))) {
		const [first, second] = node.inputs;
		const [table, matrix] = [first && storedMatrix(first), second && storedMatrix(second)];
		if (node.operation === 'matmul' && matrix !== undefined) {
			rebuilt.set(node, product(again(first as Node), matrix, (node as Node<'matmul'>).parameters, pieceSize));
		} else if (node.operation === 'gatherRows' && table !== undefined) {
			rebuilt.set(node, cast(gatherRows(table, again(second as Node)), 'float32'));
		} else {
			const inputs = node.inputs.map(again);
			const isSame = inputs.every((x, i) => x === node.inputs[i]);
			rebuilt.set(node, isSame ? node : { ...createNode(node.operation, node.parameters, inputs), tag: node.tag });
		}
	}
	return Object.fromEntries(Object.entries<Node>(outputs).map(([name, node]) => [name, again(node)])) as Record<
		Name,
		Node
	>;
}

/** Returns the matrix of the checkpoint that a node is the cast of. */
function storedMatrix({ operation, inputs }: Node): Node<'weight'> | undefined {
	const [stored] = inputs;
	const isCast = operation === 'cast' && stored?.operation === 'weight' && stored.shape.length === 2;
	return isCast ? (stored as Node<'weight'>) : undefined;
}

/**
 * Returns op(x) op(W) by pieces of the rows of W: where W is transposed they give columns of the result, else terms of
 * its sum. Each piece waits for the one before it.
 */
function product(x: Node, matrix: Node<'weight'>, options: Node<'matmul'>['parameters'], pieceSize: number): Node {
	const [rows, width] = matrix.shape as [number, number];
	const perPiece = Math.max(1, Math.ceil(rows / Math.ceil((rows * width) / pieceSize)));
	const parts: Node[] = [];
	for (let start = 0; start < rows; start += perPiece) {
		const end = Math.min(rows, start + perPiece);
		const { name, type } = matrix.parameters;
		const stored = end - start === rows ? matrix : weight(name, [end - start, width], type, start);
		const piece = cast(after(stored, parts.at(-1) ?? x), 'float32');
		parts.push(
			matmul(options.transposeB || end - start === rows ? x : columns(x, options, start, end), piece, options),
		);
	}
	if (parts.length === 1) return parts[0] as Node;
	return options.transposeB ? concat(parts, 1, rows) : parts.reduce(add);
}

function columns(x: Node, { transposeA }: Node<'matmul'>['parameters'], start: number, end: number): Node {
	return slice(x, transposeA ? 0 : 1, start, end);
}

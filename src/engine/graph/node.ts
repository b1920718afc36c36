/**
 * The graph: nodes that name an operation, its parameters and its inputs. A node is immutable; a graph is whatever
 * its outputs reach. Every table over operations (`shapeRules`, `gradientRules`, `evaluationRules`, `emissionRules`)
 * is total: a new operation does not compile until each has its row.
 */
import type { Shape } from './shape.ts';

export type ElementType = 'float32' | 'float16' | 'bfloat16' | 'int64' | 'bool' | 'uint8' | 'uint4';

/** Parameters of each operation. Axes are non-negative. */
export interface Parameters {
	/** A value fed at each run. */
	input: { readonly name: string; readonly shape: Shape; readonly type: ElementType };
	/** A tensor of the checkpoint, or some of its rows from `firstRow` on, mapped from its file. */
	weight: { readonly name: string; readonly shape: Shape; readonly type: ElementType; readonly firstRow: number };
	constant: { readonly values: readonly number[]; readonly shape: readonly number[]; readonly type: ElementType };
	add: Empty;
	subtract: Empty;
	multiply: Empty;
	divide: Empty;
	negate: Empty;
	exponential: Empty;
	squareRoot: Empty;
	sigmoid: Empty;
	tanh: Empty;
	erf: Empty;
	cosine: Empty;
	sine: Empty;
	/** Sum over axes, which stay with size 1. */
	sum: { readonly axes: readonly number[] };
	/** Softmax over the last axis. */
	softmax: Empty;
	/** Log-softmax over the last axis. */
	logSoftmax: Empty;
	/**
	 * Matrix product of the last two axes; the leading ones must be equal. The axis that is summed must not be empty:
	 * onnxruntime's FusedMatMul, which it also makes of a product after a transposition, then leaves its result unset.
	 */
	matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
	/** An axis of size 0 stands first in the result: elsewhere onnxruntime takes a 0 for "as it was". */
	reshape: { readonly shape: Shape };
	/** Repeats axes of size 1 up to the shape. */
	expand: { readonly shape: Shape };
	transpose: { readonly permutation: readonly number[] };
	/** `size` is the size of the joined axis. */
	concat: { readonly axis: number; readonly size: string | number };
	/** Of an axis whose size is open, the caller knows that it is at least `end`. */
	slice: { readonly axis: number; readonly start: number; readonly end: number };
	/** What follows the first `before` entries of an axis, `size` entries. */
	rest: { readonly axis: number; readonly before: string | number; readonly size: string | number };
	/** Zeros around one axis. */
	pad: { readonly axis: number; readonly before: number; readonly after: number };
	/** Rows of a table [N, ...] by int64 ids [...]. */
	gatherRows: Empty;
	/** Zeros [rows, ...] to which updates [..., ...] are added at int64 ids [...]. */
	scatterAddRows: { readonly rows: string | number };
	/** Int64 or float comparison a <= b. */
	lessOrEqual: Empty;
	/** Condition ? a : b. */
	where: Empty;
	cast: { readonly type: ElementType };
	/** The value of its input, constant for the gradient. */
	stopGradient: Empty;
	/** The value of its first input, made only when the second one has been computed, so that memory is used later. */
	after: Empty;
	/** (q - zeros) * scales of q [N, K] uint8 or uint4, scales and zeros [N], as float32. */
	dequantise: Empty;
	/**
	 * x W^T for x [N, K] and W [M, K] in blocks of `bits` bits: packed bytes [M, K / blockSize, blockSize * bits / 8], low
	 * bits first, scales [M, K / blockSize], zero in the middle of the range. Rounds x to 8 bits, too, where `rounds`.
	 */
	blockQuantisedMatmul: { readonly bits: 4 | 8; readonly blockSize: number; readonly rounds: boolean };
	/** Rows of W [M, K] by int64 ids [...], as float32; W as above, its packed bytes [M, K * bits / 8]. */
	gatherBlocks: { readonly bits: 4 | 8; readonly blockSize: number };
	/**
	 * x W for x [N, K] and W = (numbers [K, M] uint8 less 128) times scales [M]. Each row of x is rounded to 8 bits by its own number of
	 * largest magnitude, so that no row depends on the others.
	 */
	int8Matmul: Empty;
	/** w * x / sqrt(mean(x^2) + epsilon) over the last axis, of x [..., D] and w [D]. */
	rmsNormalise: { readonly epsilon: number };
	/**
	 * Heads x [B, T, H, 2F] whose first halves a and second halves b become a cos - b sin and b cos + a sin; cosines and
	 * sines [B, T, 1, F].
	 */
	rotateHalves: Empty;
}

type Empty = Readonly<Record<string, never>>;

export type Operation = keyof Parameters;

/** Marks what a node is in the network, so that attribution rules can edit the backward walk there. */
export type Tag =
	/** Softmax of the scores, [B, G, R, T, S]. */
	| 'attention'
	/** Queries, keys and values as they meet: after norms and rotation, [B, T, heads, K]. */
	| 'query'
	| 'key'
	| 'value'
	/** 1 / sqrt(mean square or variance + epsilon). */
	| 'normalisationFactor'
	/** phi(x) / x of an activation phi, which is computed as x * factor. */
	| 'activationFactor'
	/** The tanh of a soft cap. */
	| 'softCap'
	/** The activated branch of a gated MLP or an expert's weight, and its product with the other branch or what the expert gives. */
	| 'gate'
	| 'gateProduct';

export interface Node<K extends Operation = Operation> {
	readonly operation: K;
	readonly parameters: Parameters[K];
	readonly inputs: readonly Node[];
	readonly shape: Shape;
	readonly type: ElementType;
	readonly tag: Tag | null;
	/** The same value by one kernel, for graphs without gradients; null where there is none. */
	readonly fused: Node | null;
}

/** Returns all nodes the outputs reach, inputs before users, in a fixed order. */
export function topologicalOrder(outputs: readonly Node[]): Node[] {
	const order: Node[] = [];
	const seen = new Set<Node>();
	const stack: { node: Node; next: number }[] = [];
	for (const output of outputs) {
		if (!seen.has(output)) stack.push({ node: output, next: 0 });
		seen.add(output);
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			const input = top.node.inputs[top.next++];
			if (input === undefined) order.push((stack.pop() as { node: Node }).node);
			else if (!seen.has(input)) {
				seen.add(input);
				stack.push({ node: input, next: 0 });
			}
		}
	}
	return order;
}

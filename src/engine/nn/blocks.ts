/**
 * Building blocks of decoders as functions of nodes. They know no model names; differences between families are
 * arguments. Letters: N = B*T rows, D model width, V vocabulary. Attention, rotary positions, norms and activations
 * have files of their own.
 */
import { add, flattenRows, gatherRows, matmul, multiply, tagged } from '../graph/build.ts';
import type { Node } from '../graph/node.ts';

/** Returns x W^T + b for x [N, in], W [out, in], b [out]: the layout of most checkpoints. */
export function linear(x: Node, weight: Node, bias: Node | null = null): Node {
	const result = matmul(x, weight, { transposeB: true });
	return bias === null ? result : add(result, bias);
}

/** Returns x W + b for x [N, in], W [in, out], b [out]: the layout of GPT-2 (`Conv1D` of transformers). */
export function linearTransposed(x: Node, weight: Node, bias: Node): Node {
	return add(matmul(x, weight), bias);
}

/** Returns activation(gate) * up of rows [N, inner], the inside of a gated MLP (Shazeer 2020). */
export function gatedProduct(gate: Node, up: Node, activation: (x: Node) => Node): Node {
	return tagged('gateProduct', multiply(tagged('gate', activation(gate)), up));
}

/** Returns rows [N, D] of an embedding table [V, D] for ids [B, T]. */
export function embed(table: Node, ids: Node): Node {
	return flattenRows(gatherRows(table, ids));
}

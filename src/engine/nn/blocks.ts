/**
 * Building blocks of decoders as functions of nodes. They know no model names; differences between families are
 * arguments. Letters: N = B*T rows, D model width, H query heads, G key/value heads, R = H/G, K head width, S keys.
 */
import {
	add,
	cast,
	concat,
	constant,
	cosine,
	divide,
	flattenRows,
	gatherRows,
	lessOrEqual,
	matmul,
	mean,
	multiply,
	reshape,
	scalar,
	scale,
	sigmoid,
	sine,
	slice,
	softmax,
	squareRoot,
	subtract,
	tagged,
	transpose,
	where,
} from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import { type Dimension, product } from '../graph/shape.ts';

/** Returns x W^T + b for x [N, in], W [out, in], b [out]: the layout of checkpoints. */
export function linear(x: Node, weight: Node, bias: Node | null = null): Node {
	const result = matmul(x, weight, { transposeB: true });
	return bias === null ? result : add(result, bias);
}

/** Returns w * x / sqrt(mean(x^2) + epsilon) over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm(x: Node, weight: Node, epsilon: number): Node {
	const meanSquare = mean(multiply(x, x), x.shape.length - 1);
	const factor = tagged('normalisationFactor', divide(scalar(1), squareRoot(add(meanSquare, scalar(epsilon)))));
	return multiply(multiply(x, factor), weight);
}

/** Returns x * sigmoid(x). */
export function silu(x: Node): Node {
	return tagged('activation', multiply(x, sigmoid(x)));
}

/** Returns the cosines and sines [B, T, 1, K/2] of the rotary angles position * frequency. */
export function rotaryAngles(positions: Node, frequencies: readonly number[]): { cosines: Node; sines: Node } {
	const [batch, tokens] = positions.shape as [Dimension, Dimension];
	const floats = reshape(cast(positions, 'float32'), [batch, tokens, 1, 1]);
	const angles = multiply(floats, constant(frequencies, [frequencies.length]));
	return { cosines: cosine(angles), sines: sine(angles) };
}

/** Returns x [B, T, H, K] rotated, first half against second half as checkpoints of transformers expect (Su et al. 2021). */
export function rotate(x: Node, { cosines, sines }: { cosines: Node; sines: Node }): Node {
	const width = Number(x.shape.at(-1));
	const [first, second] = [slice(x, 3, 0, width / 2), slice(x, 3, width / 2, width)];
	const rotatedFirst = subtract(multiply(first, cosines), multiply(second, sines));
	const rotatedSecond = add(multiply(second, cosines), multiply(first, sines));
	return concat([rotatedFirst, rotatedSecond], 3, width);
}

/**
 * Returns what is added to attention scores, [B, 1, 1, T, S]: 0 where a key's position is at most the query's, else
 * -1e30. Padding has a key position beyond every query, so it is never seen.
 */
export function causalMask(positions: Node, keyPositions: Node): Node {
	const [batch, tokens] = positions.shape as [Dimension, Dimension];
	const keys = keyPositions.shape[1] as Dimension;
	const visible = lessOrEqual(
		reshape(keyPositions, [batch, 1, 1, 1, keys]),
		reshape(positions, [batch, 1, 1, tokens, 1]),
	);
	return where(visible, scalar(0), scalar(-1e30));
}

export interface AttentionResult {
	/** Rows [N, H*K], before the output projection. */
	readonly output: Node;
	/** Weights after softmax [B, G, R, T, S]; query head h is group h / R, place h % R. */
	readonly weights: Node;
}

/**
 * Returns scaled dot-product attention of grouped queries (Vaswani et al. 2017; Ainslie et al. 2023).
 * q [B, T, H, K]; k, v [B, G, S, K]. Key/value heads are not repeated: the R queries of a group are rows of one product.
 */
export function groupedQueryAttention(q: Node, k: Node, v: Node, mask: Node, scoreScale: number): AttentionResult {
	const [batch, tokens, heads, width] = q.shape as [Dimension, Dimension, number, number];
	const [, groups, keys] = k.shape as [Dimension, number, Dimension];
	const repeats = heads / groups;
	const rows = product(repeats, tokens);
	const grouped = transpose(reshape(scale(q, scoreScale), [batch, tokens, groups, repeats, width]), [0, 2, 3, 1, 4]);
	const scores = matmul(reshape(grouped, [batch, groups, rows, width]), k, { transposeB: true });
	const weights = tagged('attention', softmax(add(reshape(scores, [batch, groups, repeats, tokens, keys]), mask)));
	const mixed = matmul(reshape(weights, [batch, groups, rows, keys]), v);
	const output = transpose(reshape(mixed, [batch, groups, repeats, tokens, width]), [0, 3, 1, 2, 4]);
	return { output: reshape(output, [product(batch, tokens), heads * width]), weights };
}

/** Returns the rows [N, H*K] of a projection as heads [B, T, H, K]. */
export function splitHeads(x: Node, batch: Dimension, tokens: Dimension, heads: number): Node {
	return reshape(x, [batch, tokens, heads, Number(x.shape[1]) / heads]);
}

/** Returns heads [B, T, G, K] in the order of a cache: [B, G, T, K]. */
export function cacheOrder(x: Node): Node {
	return transpose(x, [0, 2, 1, 3]);
}

/** Returns activation(x W_gate^T) * (x W_up^T), projected down (Shazeer 2020). */
export function gatedMlp(
	x: Node,
	weights: { readonly gate: Node; readonly up: Node; readonly down: Node },
	activation: (x: Node) => Node,
): Node {
	const gated = tagged('gateProduct', multiply(activation(linear(x, weights.gate)), linear(x, weights.up)));
	return linear(gated, weights.down);
}

/** Returns rows [N, D] of an embedding table [V, D] for ids [B, T]. */
export function embed(table: Node, ids: Node): Node {
	return flattenRows(gatherRows(table, ids));
}

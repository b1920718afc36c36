/**
 * What scores read from attention have in common: row vectors r [B, 1, T] that move from the last layer to the first,
 * no product of [T, S] matrices. A_l [B, G, R, T, S] are a layer's weights after softmax, q the last position of each
 * row. The first P of the S keys are cached tokens: attention never leads back from them, so the other T need no row for
 * them.
 */
import { expand, input, reshape, rest, scalar, scale, scatterAddRows, sum } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { type Dimension, product } from '../../engine/graph/shape.ts';

/** [B, T, S]. */
export function headMean(weights: Node): Node {
	const [batch, groups, repeats, tokens, keys] = weights.shape as [Dimension, number, number, Dimension, Dimension];
	return scale(reshape(sum(weights, [1, 2]), [batch, tokens, keys]), 1 / (groups * repeats));
}

/** Returns an axis of all keys without the cached ones, S to T. */
export function ofFresh(x: Node, axis: number): Node {
	return rest(x, axis, 'P', 'T');
}

/** [B, 1, T], 1 at q. */
export function lastPosition(weights: Node): Node {
	const [batch, , , tokens] = weights.shape as [Dimension, number, number, Dimension];
	const ones = expand(scalar(1), [batch, 1]);
	return reshape(scatterAddRows(input('last', ['B'], 'int64'), ones, product(batch, tokens)), [batch, 1, tokens]);
}

export function toGrid(row: Node): Node {
	const [batch, , tokens] = row.shape as [Dimension, number, Dimension];
	return reshape(row, [batch, tokens]);
}

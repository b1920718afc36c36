/** Reductions of [B*T, D] to one number per token, [B, T]. */
import { lessOrEqual, multiply, negate, reshape, scalar, squareRoot, sum, where } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';

/** Returns the sum over D of [B*T, D], as [B, T]. */
export function rowSum(x: Node): Node {
	return reshape(sum(x, [1]), ['B', 'T']);
}

/** Returns the L2 norm over D of [B*T, D], as [B, T]. */
export function rowNorm(x: Node): Node {
	return squareRoot(rowSum(multiply(x, x)));
}

/** Returns the L1 norm over D of [B*T, D], as [B, T]. */
export function rowSize(x: Node): Node {
	return rowSum(where(lessOrEqual(scalar(0), x), x, negate(x)));
}

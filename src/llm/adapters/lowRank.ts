/** The low-rank change of a projection (Hu et al. 2022), computed beside the frozen weight, which is never touched. */
import { add, matmul, scale } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';

/** A and B as graph nodes. */
export interface LowRankNodes {
	/** [r, from]. */
	readonly a: Node;
	/** [to, r]. */
	readonly b: Node;
	readonly scaling: number;
}

/** Returns y + scaling * (x A^T) B^T for rows x [N, from], y [N, to]. */
export function addLowRank(x: Node, y: Node, { a, b, scaling }: LowRankNodes): Node {
	const inner = scale(matmul(x, a, { transposeB: true }), scaling);
	return add(y, matmul(inner, b, { transposeB: true }));
}

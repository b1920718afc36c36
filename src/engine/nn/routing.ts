/** Routers of mixtures of experts: which experts a row goes to, and with which weight. */
import {
	add,
	constant,
	divide,
	lessOrEqual,
	multiply,
	reshape,
	scalar,
	slice,
	softmax,
	sum,
	tagged,
	where,
} from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import type { Dimension } from '../graph/shape.ts';

/**
 * Returns 1 where an entry is among the `count` largest of its row and 0 elsewhere, for x [N, E]; of equal entries the
 * first ones. It is a step: no gradient passes.
 */
export function largest(x: Node, count: number): Node {
	const [rows, size] = x.shape as [Dimension, number];
	const own = reshape(x, [rows, size, 1]);
	const other = reshape(x, [rows, 1, size]);
	const isBefore = constant(
		Array.from({ length: size * size }, (_, i) => Number(i % size < Math.floor(i / size))),
		[1, size, size],
	);
	const whereEqual = where(lessOrEqual(own, other), isBefore, scalar(0));
	const isAhead = where(lessOrEqual(other, own), whereEqual, scalar(1));
	const rank = reshape(sum(isAhead, [2]), [rows, size]);
	return where(lessOrEqual(rank, scalar(count - 1)), scalar(1), scalar(0));
}

export interface Routing {
	/** Number of experts that a row goes to. */
	readonly chosen: number;
	/** Whether the weights of the chosen ones are divided by their sum. */
	readonly isNormalised: boolean;
}

/** Returns the weight of every expert, 0 where it is not chosen, from the logits of a router [N, E] (Shazeer et al. 2017). */
export function routingWeights(logits: Node, { chosen, isNormalised }: Routing): Node {
	const kept = multiply(softmax(logits), largest(logits, chosen));
	return isNormalised ? divide(kept, sum(kept, [1])) : kept;
}

/** Returns the sum of what experts make of rows [N, D], by their weights [N, E]. */
export function mixture(x: Node, weights: Node, experts: readonly ((x: Node) => Node)[]): Node {
	return experts.map((expert, e) => weighted(expert(x), slice(weights, 1, e, e + 1))).reduce(add);
}

/** Returns rows [N, D], each times a weight [N, 1] that a gate gives; attribution rules treat it as a gated MLP's product. */
export function weighted(rows: Node, weight: Node): Node {
	return tagged('gateProduct', multiply(rows, tagged('gate', weight)));
}

import { matmul, transpose } from './build.ts';
import type { Node } from './node.ts';
import { rewrite } from './rewrite.ts';

/**
 * Returns outputs of the same values in which products of more than two dimensions take their factors as they are, turned
 * by nodes of their own where need be. For devices that have no kernel for turned factors.
 */
export function separateTransposes<Name extends string>(outputs: Readonly<Record<Name, Node>>): Record<Name, Node> {
	return rewrite(outputs, (node, again) => {
		if (node.operation !== 'matmul' || node.shape.length === 2) return undefined;
		const { transposeA, transposeB } = (node as Node<'matmul'>).parameters;
		if (!transposeA && !transposeB) return undefined;
		const [a, b] = node.inputs.map(again) as [Node, Node];
		return matmul(transposeA ? turned(a) : a, transposeB ? turned(b) : b);
	});
}

/** The last two dimensions change places. */
function turned(x: Node): Node {
	const places = x.shape.map((_, i) => i);
	return transpose(x, [...places.slice(0, -2), ...places.slice(-2).toReversed()]);
}

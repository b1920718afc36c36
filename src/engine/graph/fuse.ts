import type { Node } from './node.ts';
import { rewrite, withInputs } from './rewrite.ts';

/**
 * Returns outputs of the same values in which compositions that have a kernel of their own are one node. For graphs
 * without gradients: attribution rules and the backward walk need the parts.
 */
export function fused<Name extends string>(outputs: Readonly<Record<Name, Node>>): Record<Name, Node> {
	return rewrite(outputs, (node, again) =>
		node.fused === null ? undefined : withInputs(node.fused, node.fused.inputs.map(again)),
	);
}

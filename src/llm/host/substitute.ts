import { createNode } from '../../engine/graph/build.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';

/** Returns the node computed from other nodes in the place of some that it depends on; tags are kept. */
export function substitute(output: Node, replacements: ReadonlyMap<Node, Node>): Node {
	const rebuilt = new Map(replacements);
	for (const node of topologicalOrder([output])) {
		if (rebuilt.has(node)) continue;
		const inputs = node.inputs.map((x) => rebuilt.get(x) as Node);
		const isSame = inputs.every((x, i) => x === node.inputs[i]);
		rebuilt.set(node, isSame ? node : { ...createNode(node.operation, node.parameters, inputs), tag: node.tag });
	}
	return rebuilt.get(output) as Node;
}

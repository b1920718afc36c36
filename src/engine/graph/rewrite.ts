import { createNode } from './build.ts';
import { type Node, topologicalOrder } from './node.ts';

/** Returns what takes a node's place, undefined where it stays; `again` gives what took the place of one of its inputs. */
export type Replacement = (node: Node, again: (x: Node) => Node) => Node | undefined;

/** Returns outputs in which nodes are replaced; what stays and depends on nothing replaced is the same node as before. */
export function rewrite<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	replacement: Replacement,
): Record<Name, Node> {
	const rebuilt = new Map<Node, Node>();
	const again = (x: Node): Node => rebuilt.get(x) as Node;
	for (const node of topologicalOrder(Object.values(outputs)))
		rebuilt.set(node, replacement(node, again) ?? withInputs(node, node.inputs.map(again)));
	const entries = Object.entries<Node>(outputs).map(([name, node]) => [name, again(node)]);
	return Object.fromEntries(entries) as Record<Name, Node>;
}

/** Returns the node with other inputs, or itself where they are the same. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
	const isSame = inputs.every((x, i) => x === node.inputs[i]);
	return isSame ? node : { ...createNode(node.operation, node.parameters, inputs), tag: node.tag };
}

import { type Node, topologicalOrder } from './node.ts';
import { formatShape } from './shape.ts';

/** Returns the graph as text, a line per node, for tests and for reading: `%3 = matmul(%1, %2) [B, 8] attention`. */
export function printGraph(outputs: readonly Node[]): string {
	const names = new Map<Node, string>();
	const lines = topologicalOrder(outputs).map((node, i) => {
		names.set(node, `%${i}`);
		const inputs = node.inputs.map((x) => names.get(x)).join(', ');
		const parameters = Object.keys(node.parameters).length === 0 ? '' : ` ${JSON.stringify(node.parameters)}`;
		return `%${i} = ${node.operation}(${inputs})${parameters} ${formatShape(node.shape)}${node.tag === null ? '' : ` ${node.tag}`}`;
	});
	return [...lines, `return ${outputs.map((output) => names.get(output)).join(', ')}`].join('\n');
}

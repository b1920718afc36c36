/** How much memory a graph needs while it runs, from its shapes and the order in which onnxruntime runs it. */
import { type ElementType, type Node, type Operation, topologicalOrder } from './node.ts';
import { sizeOf } from './shape.ts';

export const elementBytes: Readonly<Record<ElementType, number>> = {
	float32: 4,
	float16: 2,
	bfloat16: 2,
	int64: 8,
	bool: 1,
	uint8: 1,
	uint4: 0.5,
};

/** Results that are the first input's bytes under another shape. */
const aliases: ReadonlySet<Operation> = new Set(['reshape', 'after', 'stopGradient']);

/** Results that may take the place of an input of the same size that nothing needs any more. */
const inPlace: ReadonlySet<Operation> = new Set([
	...(['add', 'subtract', 'multiply', 'divide', 'negate', 'exponential', 'squareRoot'] as const),
	...(['sigmoid', 'tanh', 'erf', 'cosine', 'sine'] as const),
]);

/** Values that are there before a run: fed by the caller, or mapped. */
const given: ReadonlySet<Operation> = new Set(['input', 'weight', 'constant']);

/**
 * Returns the largest sum of the sizes of intermediate values and outputs that are alive at the same time, in bytes, with
 * the names in shapes bound to sizes. Inputs and weights are not counted.
 */
export function peakBytes(outputs: readonly Node[], names: ReadonlyMap<string, number>): number {
	const order = executionOrder(outputs);
	const owner = new Map<Node, Node>();
	const uses = new Map<Node, number>();
	const ownerOf = (node: Node): Node => owner.get(node) ?? node;
	for (const node of order) {
		owner.set(node, aliases.has(node.operation) ? ownerOf(node.inputs[0] as Node) : node);
		for (const x of new Set(node.inputs.map(ownerOf))) uses.set(x, (uses.get(x) ?? 0) + 1);
	}
	for (const node of outputs) uses.set(ownerOf(node), Infinity);
	const bytes = (node: Node): number =>
		given.has(node.operation)
			? 0
			: elementBytes[node.type] * node.shape.reduce<number>((n, d) => n * sizeOf(d, names), 1);
	let alive = 0;
	let peak = 0;
	const free = (x: Node): void => {
		const left = (uses.get(x) ?? 0) - 1;
		uses.set(x, left);
		if (left === 0) alive -= bytes(x);
	};
	for (const node of order) {
		const inputs = [...new Set(node.inputs.map(ownerOf))];
		const size = ownerOf(node) === node ? bytes(node) : 0;
		const replaced = inPlace.has(node.operation) && inputs.some((x) => uses.get(x) === 1 && bytes(x) === size);
		alive += size;
		peak = Math.max(peak, replaced ? alive - size : alive);
		for (const x of inputs) free(x);
	}
	return peak;
}

/** Returns the nodes as onnxruntime orders them: from the last output back, the input that was made last first. */
function executionOrder(outputs: readonly Node[]): Node[] {
	const index = new Map(topologicalOrder(outputs).map((node, i) => [node, i]));
	const place = (node: Node): number => index.get(node) as number;
	const order: Node[] = [];
	const done = new Set<Node>();
	const stack = outputs.map((node) => ({ node, isLeaving: false }));
	for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
		const { node, isLeaving } = top;
		if (isLeaving) order.push(node);
		else if (!done.has(node)) {
			done.add(node);
			stack.push({ node, isLeaving: true });
			for (const x of [...node.inputs].sort((a, b) => place(a) - place(b))) {
				if (!done.has(x)) stack.push({ node: x, isLeaving: false });
			}
		}
	}
	return order;
}

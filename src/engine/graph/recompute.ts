/**
 * Trades time for memory (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"): what lies inside a segment
 * of the forward pass is computed a second time for the backward pass, when the gradient has come that far, instead of
 * being kept until then.
 */
import { after } from './build.ts';
import { type Node, topologicalOrder } from './node.ts';
import { withInputs } from './rewrite.ts';

/** A stretch of the forward pass, and the gradient at its end for one backward walk. */
export interface Segment {
	readonly from: Node;
	readonly to: Node;
	/** Gradient with respect to `to`; what depends on it is part of the backward walk. */
	readonly gradient: Node;
}

/** Returns outputs of the same values whose backward walks use second copies of the segments' insides. */
export function recomputeSegments<Name extends string>(
	outputs: Readonly<Record<Name, Node>>,
	segments: readonly Segment[],
): Record<Name, Node> {
	const order = topologicalOrder(Object.values(outputs));
	const rebuilt = new Map<Node, Node>();
	const copies = segments.map((segment) => new SegmentCopy(segment, order, rebuilt));
	for (const node of order) {
		const own = copies.filter((copy) => copy.isBackward(node));
		const inputs = node.inputs.map((x) => own.find((copy) => copy.holds(x))?.of(x) ?? (rebuilt.get(x) as Node));
		rebuilt.set(node, withInputs(node, inputs));
	}
	const entries = Object.entries<Node>(outputs).map(([name, node]) => [name, rebuilt.get(node)]);
	return Object.fromEntries(entries) as Record<Name, Node>;
}

class SegmentCopy {
	/** What follows from the segment's start alone: its own nodes, and factors of gradients that are made of them. */
	readonly #inside: ReadonlySet<Node>;
	readonly #backward: ReadonlySet<Node>;
	readonly #copies = new Map<Node, Node>();
	readonly #segment: Segment;
	readonly #rebuilt: ReadonlyMap<Node, Node>;

	constructor(segment: Segment, order: readonly Node[], rebuilt: ReadonlyMap<Node, Node>) {
		this.#segment = segment;
		this.#rebuilt = rebuilt;
		this.#backward = dependents(order, segment.gradient);
		const later = dependents(order, segment.to);
		const inside = [...dependents(order, segment.from)].filter(
			(node) => node !== segment.from && !later.has(node) && !this.#backward.has(node),
		);
		this.#inside = new Set(inside);
	}

	isBackward(node: Node): boolean {
		return this.#backward.has(node);
	}

	holds(node: Node): boolean {
		return this.#inside.has(node);
	}

	/** Returns the copy of a node: inside the segment a new one, from its start on only once the gradient is there. */
	of(node: Node): Node {
		const known = this.#copies.get(node);
		if (known !== undefined) return known;
		const { from, gradient } = this.#segment;
		const same = this.#rebuilt.get(node) as Node;
		const copy =
			node === from
				? after(same, this.#rebuilt.get(gradient) as Node)
				: this.holds(node)
					? withInputs(
							node,
							node.inputs.map((x) => this.of(x)),
						)
					: same;
		this.#copies.set(node, copy);
		return copy;
	}
}

/** Returns the nodes that depend on `root`, itself included. */
function dependents(order: readonly Node[], root: Node): ReadonlySet<Node> {
	const found = new Set([root]);
	for (const node of order) if (node.inputs.some((x) => found.has(x))) found.add(node);
	return found;
}

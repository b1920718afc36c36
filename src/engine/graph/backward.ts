/**
 * Reverse-mode differentiation: one walk from the target back to what is asked for. Attribution rules are edits of
 * this walk at tagged nodes, not other models.
 */
import { after, expand, scalar, scale } from './build.ts';
import { accumulate, type GradientRule, gradientRules } from './gradientRules.ts';
import { type Node, type Tag, topologicalOrder } from './node.ts';

/** What happens to the gradient that reaches a node with a tag: multiplied, dropped, or handed on by another rule. */
export type Edit =
	| { readonly kind: 'scale'; readonly factor: number }
	| { readonly kind: 'detach' }
	| { readonly kind: 'replace'; readonly rule: GradientRule };

export type Edits = Readonly<Partial<Record<Tag, Edit>>>;

/**
 * Returns the gradient of the sum of the target's elements with respect to each node of `wanted`, or undefined for a
 * node that the target does not depend on. Gradients are graph nodes of the wanted nodes' shapes. Where a node waits for
 * an earlier one (`after`), the gradient of the earlier one waits for the gradient of the node: the walk goes back.
 */
export function gradients(target: Node, wanted: readonly Node[], edits: Edits = {}): (Node | undefined)[] {
	const order = topologicalOrder([target]);
	const relevant = dependents(order, wanted);
	const arriving = new Map<Node, Node[]>([[target, [expand(scalar(1), target.shape)]]]);
	const awaited = new Map<Node, Node[]>();
	const total = new Map<Node, Node>();
	for (const node of order.toReversed()) {
		const parts = arriving.get(node);
		if (parts === undefined || !relevant.has(node)) continue;
		const gradient = (awaited.get(node) ?? []).reduce(after, accumulate(parts));
		total.set(node, gradient);
		if (node.operation === 'after') append(awaited, node.inputs[1] as Node, gradient);
		propagate(node, gradient, relevant, arriving, edits);
	}
	return wanted.map((node) => total.get(node));
}

/** Returns the nodes that depend on a wanted node, these included. */
function dependents(order: readonly Node[], wanted: readonly Node[]): Set<Node> {
	const relevant = new Set(wanted);
	for (const node of order) {
		if (node.inputs.some((x) => relevant.has(x))) relevant.add(node);
	}
	return relevant;
}

function propagate(
	node: Node,
	gradient: Node,
	relevant: ReadonlySet<Node>,
	arriving: Map<Node, Node[]>,
	edits: Edits,
): void {
	const edit = node.tag === null ? undefined : edits[node.tag];
	if (edit?.kind === 'detach') return;
	const dy = edit?.kind === 'scale' ? scale(gradient, edit.factor) : gradient;
	// The table's row for `operation` takes exactly a node of that operation; TypeScript cannot pair the two.
	const rule = edit?.kind === 'replace' ? edit.rule : (gradientRules[node.operation] as GradientRule);
	const rows = rule(node, dy);
	for (const [i, x] of node.inputs.entries()) {
		const inputGradient = rows[i];
		if (inputGradient === undefined || inputGradient === null || !relevant.has(x)) continue;
		append(arriving, x, inputGradient());
	}
}

function append(lists: Map<Node, Node[]>, key: Node, value: Node): void {
	const list = lists.get(key);
	if (list === undefined) lists.set(key, [value]);
	else list.push(value);
}

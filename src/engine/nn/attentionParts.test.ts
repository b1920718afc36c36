/** Attention in parts of the heads is the attention of all heads, and its gradients come part by part. */
import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { gradients } from '../graph/backward.ts';
import { input, multiply, sum } from '../graph/build.ts';
import { evaluate, type Tensor } from '../graph/evaluationRules.ts';
import { type Node, topologicalOrder } from '../graph/node.ts';
import { type AttentionResult, groupedQueryAttention } from './attention.ts';
import { attentionInParts } from './attentionParts.ts';

const [tokens, keys, width] = [3, 5, 2];
const settings = { scale: 0.7, cap: null };

function inputsOf(heads: number, groups: number): [Node, Node, Node, Node] {
	return [
		input('q', [1, tokens, heads, width]),
		input('k', [1, groups, keys, width]),
		input('v', [1, groups, keys, width]),
		input('mask', [1, 1, 1, tokens, keys]),
	];
}

function randomFeeds(inputs: readonly Node[]): Map<string, Tensor> {
	const random = seededRandom('attention in parts');
	return new Map(
		inputs.map((node) => {
			const sizes = node.shape.map(Number);
			const count = sizes.reduce((a, b) => a * b, 1);
			return [
				(node as Node<'input'>).parameters.name,
				{ sizes, data: Float64Array.from({ length: count }, () => random.normal()) },
			];
		}),
	);
}

/** Returns the gradients of the sum of y_ij^2 over the output y. */
function withGradients({ output, weights }: AttentionResult, wanted: readonly Node[]): Node[] {
	const target = sum(multiply(output, output), [0, 1]);
	return [output, weights, ...(gradients(target, wanted) as Node[])];
}

it.each([
	{ heads: 4, groups: 4, parts: 4 },
	{ heads: 4, groups: 2, parts: 4 },
	{ heads: 6, groups: 1, parts: 3 },
	{ heads: 6, groups: 3, parts: 2 },
])('$heads heads in $groups groups, at most $parts parts: same values and gradients', ({ heads, groups, parts }) => {
	const inputs = inputsOf(heads, groups);
	const [q, k, v, mask] = inputs;
	const whole = withGradients(groupedQueryAttention(q, k, v, mask, settings), [q, k, v]);
	const split = withGradients(attentionInParts(q, k, v, mask, settings, parts), [q, k, v]);
	const feeds = randomFeeds(inputs);
	const [expected, found] = [evaluate(whole, feeds), evaluate(split, feeds)];
	for (const [i, { data, sizes }] of expected.entries()) {
		expect(found[i]?.sizes).toEqual(sizes);
		for (const [j, value] of data.entries()) expect(found[i]?.data[j]).toBeCloseTo(value, 10);
	}
});

it('computes a part after the part before it, and its gradients before those of that part', () => {
	const inputs = inputsOf(4, 2);
	const [q, k, v, mask] = inputs;
	const { output } = attentionInParts(q, k, v, mask, settings, 2);
	const target = sum(multiply(output, output), [0, 1]);
	const [first, second] = topologicalOrder([target]).filter(({ operation }) => operation === 'softmax') as [Node, Node];
	const queries = topologicalOrder([second]).findLast(({ operation }) => operation === 'after') as Node;
	const [ofFirst, ofSecond, ofQueries] = gradients(target, [first, second, queries]) as [Node, Node, Node];
	const needs = (node: Node, earlier: Node): boolean => topologicalOrder([node]).includes(earlier);
	expect(needs(second, first)).toBe(true);
	expect(needs(ofFirst, ofQueries)).toBe(true);
	expect(needs(ofSecond, ofFirst)).toBe(false);
});

/** Routers in exact numbers, by the reference evaluation. */
import { expect, it } from 'vitest';
import { gradients } from '../graph/backward.ts';
import { input, slice, sum } from '../graph/build.ts';
import { evaluate } from '../graph/evaluationRules.ts';
import type { Node } from '../graph/node.ts';
import { largest, routingWeights } from './routing.ts';

const logits = input('x', ['N', 4]);

function valuesOf(node: Node, rows: readonly number[][]): number[] {
	const feeds = new Map([['x', { sizes: [rows.length, 4], data: Float64Array.from(rows.flat()) }]]);
	return [...(evaluate([node], feeds)[0]?.data ?? [])];
}

it('marks the largest entries of each row, of equal ones the first', () => {
	const rows = [
		[3, 1, 2, -5],
		[0, 0, 0, 0],
		[1, 2, 2, 2],
	];
	expect(valuesOf(largest(logits, 2), rows)).toEqual([1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0]);
	expect(valuesOf(largest(logits, 4), rows)).toEqual(new Array(12).fill(1));
});

it('weighs the chosen by the softmax over all, or divided by their sum', () => {
	const row = [Math.log(4), Math.log(1), Math.log(3), Math.log(2)];
	const rounded = (found: readonly number[]): number[] => found.map((value) => Number(value.toFixed(12)));
	expect(rounded(valuesOf(routingWeights(logits, { chosen: 2, isNormalised: false }), [row]))).toEqual([
		0.4, 0, 0.3, 0,
	]);
	const normalised = valuesOf(routingWeights(logits, { chosen: 2, isNormalised: true }), [row]);
	expect(normalised[0]).toBeCloseTo(4 / 7, 12);
	expect(normalised[2]).toBeCloseTo(3 / 7, 12);
});

it('passes gradients through the weights of the chosen only, as if the choice stood', () => {
	const weights = routingWeights(logits, { chosen: 2, isNormalised: true });
	const [gradient] = gradients(sum(slice(weights, 1, 0, 1), [0, 1]), [logits]) as [Node];
	const found = valuesOf(gradient, [[Math.log(4), 0, Math.log(3), Math.log(2)]]);
	// A softmax over two: p (1 - p) and its negative; nothing for those that are not chosen.
	const slope = (4 / 7) * (3 / 7);
	for (const [i, wanted] of [slope, 0, -slope, 0].entries()) expect(found[i]).toBeCloseTo(wanted, 12);
});

import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { gradients } from './backward.ts';
import { add, input, matmul, multiply, sum, tanh, transpose } from './build.ts';
import { evaluate, type Tensor } from './evaluationRules.ts';
import { peakBytes } from './memory.ts';
import { type Node, topologicalOrder } from './node.ts';
import { recomputeSegments } from './recompute.ts';

const layers = 6;
const random = seededRandom('recompute');
const x = input('x', ['T', 4]);
const matrices = Array.from({ length: layers }, (_, i) => input(`w${i}`, [4, 4]));
const feeds = new Map<string, Tensor>(
	[x, ...matrices].map(({ parameters: { name } }) => {
		const rows = name === 'x' ? 5 : 4;
		return [name, { sizes: [rows, 4], data: Float64Array.from({ length: 4 * rows }, () => random.normal()) }];
	}),
);

/** Blocks h + weights h with weights softmax-like in size: [T, T]. */
const residuals: Node[] = [x];
for (const matrix of matrices) {
	const h = residuals.at(-1) as Node;
	const wide = tanh(matmul(tanh(matmul(h, matrix)), transpose(h, [1, 0])));
	residuals.push(add(h, matmul(wide, h)));
}
const target = sum(multiply(residuals.at(-1) as Node, residuals.at(-1) as Node), [0, 1]);
const found = gradients(target, residuals) as Node[];
const outputs = { gradient: found[0] as Node, target };
const segments = residuals
	.slice(1)
	.map((to, i) => ({ from: residuals[i] as Node, to, gradient: found[i + 1] as Node }));
const recomputed = recomputeSegments(outputs, segments);

it('gives the same values', () => {
	const expected = evaluate(Object.values(outputs), feeds);
	for (const [i, { data }] of evaluate(Object.values(recomputed), feeds).entries()) {
		expect([...data]).toEqual([...(expected[i] as Tensor).data]);
	}
});

it('computes the inside of each segment twice and keeps only its ends', () => {
	const count = (nodes: readonly Node[]): number => nodes.filter(({ operation }) => operation === 'tanh').length;
	expect(count(topologicalOrder(Object.values(outputs)))).toBe(2 * layers);
	expect(count(topologicalOrder(Object.values(recomputed)))).toBe(4 * layers);
	const names = new Map([['T', 1000]]);
	const [kept, again] = [outputs, recomputed].map((graph) => peakBytes(Object.values(graph), names));
	const square = 4 * 1000 * 1000;
	expect(kept).toBeGreaterThan(layers * square);
	expect(again).toBeLessThan(5 * square);
});

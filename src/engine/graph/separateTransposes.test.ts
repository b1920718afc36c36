import { expect, it } from 'vitest';
import { input, matmul, reshape } from './build.ts';
import { evaluate } from './evaluationRules.ts';
import { type Node, topologicalOrder } from './node.ts';
import { separateTransposes } from './separateTransposes.ts';

const sizes = { a: [2, 3, 4], b: [2, 3, 4] };
const [a, b] = [input('a', sizes.a), input('b', sizes.b)];
const flat = matmul(reshape(a, [6, 4]), reshape(b, [6, 4]), { transposeB: true });
const outputs = {
	left: matmul(a, b, { transposeA: true }),
	right: matmul(a, b, { transposeB: true }),
	both: matmul(a, matmul(b, a, { transposeA: true }), { transposeA: false, transposeB: true }),
	flat,
};

it('gives the same values, and products of more than two dimensions turn no factor', () => {
	const changed = separateTransposes(outputs);
	const feeds = new Map(
		Object.entries(sizes).map(([name, shape]) => [
			name,
			{ sizes: shape, data: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i + name.length)) },
		]),
	);
	expect(evaluate(Object.values(changed), feeds)).toEqual(evaluate(Object.values(outputs), feeds));
	const turning = topologicalOrder(Object.values(changed)).filter(
		(node) => node.operation === 'matmul' && Object.values((node as Node<'matmul'>).parameters).includes(true),
	);
	expect(turning).toEqual([flat]);
	expect(changed.flat).toBe(flat);
});

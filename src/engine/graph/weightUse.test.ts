import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { gradients } from './backward.ts';
import { cast, gatherRows, input, matmul, multiply, sum, weight } from './build.ts';
import { evaluate, type Tensor } from './evaluationRules.ts';
import { type Node, topologicalOrder } from './node.ts';
import { storedWeights } from './weightUse.ts';

const random = seededRandom('widen');
const tensor = (...sizes: number[]): Tensor => ({
	sizes,
	data: Float64Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => random.normal()),
});

const table = cast(weight('table', [7, 4], 'bfloat16'), 'float32');
const outward = cast(weight('outward', [6, 4], 'float16'), 'float32');
const inward = cast(weight('inward', [6, 4], 'bfloat16'), 'float32');
const norm = cast(weight('norm', [4], 'bfloat16'), 'float32');
const x = input('x', ['B', 4]);
const ids = input('ids', ['B'], 'int64');
const feeds = new Map<string, Tensor>([
	['table', tensor(7, 4)],
	['outward', tensor(6, 4)],
	['inward', tensor(6, 4)],
	['norm', tensor(4)],
	['x', tensor(3, 4)],
	['ids', { sizes: [3], data: Float64Array.of(6, 0, 2) }],
]);

const hidden = matmul(multiply(gatherRows(table, ids), multiply(x, norm)), outward, { transposeB: true });
const result = multiply(matmul(hidden, inward), x);
const [gradient] = gradients(sum(result, [0, 1]), [x]) as [Node];
const outputs = { result, gradient };

it.each([1, 8, 9, 100])('gives the same values and gradients in pieces of %i elements', (pieceSize) => {
	const widened = storedWeights(outputs, new Map(), pieceSize);
	const expected = evaluate(Object.values(outputs), feeds);
	for (const [i, { data }] of evaluate(Object.values(widened), feeds).entries()) {
		for (const [j, value] of data.entries()) expect(value).toBeCloseTo(expected[i]?.data[j] as number, 10);
	}
});

it('casts every matrix once per use, when the other operand is there, and never a whole table', () => {
	const nodes = topologicalOrder(Object.values(storedWeights(outputs)));
	const casts = nodes.filter(({ operation, shape }) => operation === 'cast' && shape.length === 2);
	const made = casts.map(({ inputs }) => inputs[0]?.operation);
	expect(made.filter((operation) => operation === 'after')).toHaveLength(4);
	expect(made.filter((operation) => operation === 'gatherRows')).toHaveLength(1);
	expect(made).toHaveLength(5);
	for (const node of casts) expect(node.shape).not.toEqual([7, 4]);
});

it('leaves a graph without 16-bit weights as it is', () => {
	const plain = { result: matmul(x, weight('w', [6, 4]), { transposeB: true }) };
	expect(storedWeights(plain).result).toBe(plain.result);
});

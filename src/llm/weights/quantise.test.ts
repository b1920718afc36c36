import { expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { int8ByOutput } from './quantise.ts';
import { input, matmul, weight } from '../../engine/graph/build.ts';
import { evaluate, type Tensor } from '../../engine/graph/evaluationRules.ts';
import { topologicalOrder } from '../../engine/graph/node.ts';
import { int8Parts, int8Products } from '../../engine/graph/int8Products.ts';

const [inputs, outputs] = [40, 6];
const random = seededRandom('rounded');
const values = Float32Array.from({ length: inputs * outputs }, () => random.normal());
const x: Tensor = { sizes: [3, inputs], data: Float64Array.from({ length: 3 * inputs }, () => random.normal()) };

it.each([
	['out, in', true],
	['in, out', false],
])('a product with a matrix stored [%s] is that of the float32 numbers but for the rounding', (_, outputsFirst) => {
	const sizes = outputsFirst ? [outputs, inputs] : [inputs, outputs];
	const plain = { y: matmul(input('x', ['B', inputs]), weight('w', sizes), { transposeB: outputsFirst }) };
	const rounded = int8Products(plain, new Set(['w']));
	expect(topologicalOrder(Object.values(rounded)).map(({ operation }) => operation)).toContain('int8Matmul');
	const { numbers, scales } = int8ByOutput(values, { inputs, outputs, outputsFirst });
	const feeds = new Map<string, Tensor>([
		['x', x],
		['w', { sizes, data: Float64Array.from(values) }],
		[int8Parts('w').numbers, { sizes: [inputs, outputs], data: Float64Array.from(numbers) }],
		[int8Parts('w').scales, { sizes: [outputs], data: Float64Array.from(scales) }],
	]);
	const [expected] = evaluate(Object.values(plain), feeds);
	const [found] = evaluate(Object.values(rounded), feeds);
	// Both factors are off by half a step of 1/127 of the largest at most; such errors add up like the root of their number.
	const bound = (3 * 3 * 3 * Math.sqrt(inputs)) / 127;
	for (const [i, value] of (found?.data ?? []).entries())
		expect(Math.abs(value - (expected?.data[i] ?? Number.NaN))).toBeLessThan(bound);
});

it('other products stay as they are', () => {
	const plain = { y: matmul(input('x', ['B', inputs]), weight('v', [inputs, outputs])) };
	expect(int8Products(plain, new Set(['w'])).y).toBe(plain.y);
});

it('rounding by output meets every number within half a step, and leaves zeros', () => {
	const withZeros = Float32Array.from(values, (value, i) => (i < inputs ? 0 : value));
	const { numbers, scales } = int8ByOutput(withZeros, { inputs, outputs, outputsFirst: true });
	for (const [i, value] of withZeros.entries()) {
		const [output, row] = [Math.floor(i / inputs), i % inputs];
		const scale = scales[output] as number;
		const found = ((numbers[row * outputs + output] as number) - 128) * scale;
		expect(Math.abs(found - value)).toBeLessThanOrEqual(0.5001 * scale);
	}
	expect(scales[0]).toBe(0);
});

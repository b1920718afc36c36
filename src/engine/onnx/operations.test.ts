/** Every operation of the graph: float64 gradients against finite differences, and ONNX against the reference evaluation. */
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { gradients } from '../graph/backward.ts';
import * as build from '../graph/build.ts';
import { evaluate, type Tensor } from '../graph/evaluationRules.ts';
import type { Node } from '../graph/node.ts';
import { createSession, type Value } from './session.ts';
import { awkward, type Case, cases } from './testCases.ts';

describe.each([...Object.entries(cases), ...awkward])(
	'%s',
	(name, { result, inputs, fixed = [], values, names, digits = 4 }) => {
		const sizes = { B: 2, ...names };
		const feeds = feed(name, [...inputs, ...fixed], sizes, values);
		const floats = inputs.filter((input) => input.type === 'float32');

		it('has the gradient that finite differences give', () => {
			const weighting = feed(name, [build.input('w', result.shape)], sizes).get('w') as Tensor;
			const target = build.multiply(result, build.input('w', result.shape));
			const all = new Map([...feeds, ['w', weighting]]);
			const total = (): number => (evaluate([target], all)[0] as Tensor).data.reduce((a, b) => a + b, 0);
			for (const [i, gradient] of gradients(target, floats).entries()) {
				const { data } = all.get((floats[i] as Node<'input'>).parameters.name) as Tensor;
				const analytic =
					gradient === undefined
						? data.map(() => 0)
						: (evaluate([...inputs, ...fixed, gradient], all).at(-1) as Tensor).data;
				if (name === 'stopGradient') continue;
				for (const [j, value] of data.entries()) {
					const step = 1e-5;
					data[j] = value + step;
					const above = total();
					data[j] = value - step;
					const numeric = (above - total()) / (2 * step);
					data[j] = value;
					expect(analytic[j]).toBeCloseTo(numeric, 7);
				}
			}
		});

		it('is emitted as ONNX that gives the reference evaluation, forward and backward', async () => {
			const backward = gradients(result, floats).filter((gradient) => gradient !== undefined);
			const outputs = Object.fromEntries([result, ...backward].map((node, i) => [`o${i}`, node]));
			const session = await createSession(outputs, {
				weightsFolder: tmpdir(),
				place: noWeights,
				prepack: false,
				threads: 1,
			});
			const used = [...inputs, ...fixed].filter((input) => feeds.has(input.parameters.name) && isUsed(outputs, input));
			const results = await session.run(
				Object.fromEntries(used.map((input) => [input.parameters.name, toValue(input, feeds)])),
			);
			const expected = evaluate(Object.values(outputs), feeds);
			for (const [i, tensor] of expected.entries()) {
				const { data, sizes } = results[`o${i}`] as Value;
				expect(sizes).toEqual(tensor.sizes);
				for (const [j, value] of tensor.data.entries()) expect(Number(data[j])).toBeCloseTo(value, digits);
			}
			await session.release();
		});
	},
);

it('stopGradient hands nothing on', () => {
	const x = build.input('x', ['B', 3]);
	expect(gradients(build.stopGradient(x), [x])).toEqual([undefined]);
});

function noWeights(): never {
	throw new Error('these graphs have no weights');
}

function isUsed(outputs: Readonly<Record<string, Node>>, input: Node<'input'>): boolean {
	const reaches = (node: Node): boolean =>
		(node.operation === 'input' && (node as Node<'input'>).parameters.name === input.parameters.name) ||
		node.inputs.some(reaches);
	return Object.values(outputs).some(reaches);
}

function feed(
	seed: string,
	inputs: readonly Node<'input'>[],
	names: Readonly<Record<string, number>>,
	values: Case['values'] = {},
): Map<string, Tensor> {
	return new Map(
		inputs.map((input) => {
			const random = seededRandom(seed, input.parameters.name);
			const sizes = input.shape.map((d) =>
				String(d)
					.split('*')
					.reduce((n, part) => n * (names[part] ?? Number(part)), 1),
			);
			const size = sizes.reduce((a, b) => a * b, 1);
			const given = values[input.parameters.name];
			const data = Float64Array.from({ length: size }, (_, i) => given?.[i] ?? random.normal());
			return [input.parameters.name, { sizes, data }];
		}),
	);
}

function toValue(input: Node<'input'>, feeds: ReadonlyMap<string, Tensor>): Value {
	const { sizes, data } = feeds.get(input.parameters.name) as Tensor;
	return { sizes, data: input.type === 'int64' ? BigInt64Array.from(data, (v) => BigInt(v)) : Float32Array.from(data) };
}

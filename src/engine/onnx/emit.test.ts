/** What stands in an emitted model: names, sizes and the places of weights. What it computes, `operations.test.ts` checks. */
import { expect, it } from 'vitest';
import { add, constant, expand, input, matmul, reshape, scalar, weight } from '../graph/build.ts';
import { emitModel } from './emit.ts';
import type { ModelProto } from './protobuf.ts';

const place = (name: string) => ({ location: `${name}.bin`, offset: 100 });
const typesOf = ({ nodes }: ModelProto): string[] => nodes.map(({ type }) => type);

it('gives each output its own name, also where two are the same node', () => {
	const sum = add(input('x', [2]), scalar(1));
	const { outputs, nodes } = emitModel({ a: sum, b: sum }, place);
	expect(outputs.map(({ name }) => name)).toEqual(['a', 'b']);
	const named = nodes.filter(({ type }) => type === 'Identity');
	expect(named.map(({ outputs: [name] }) => name)).toEqual(['a', 'b']);
	expect(new Set(named.map(({ inputs: [from] }) => from)).size).toBe(1);
	expect(typesOf({ nodes } as ModelProto).filter((type) => type === 'Add')).toHaveLength(1);
});

it('declares an input once, with its open dimensions', () => {
	const { inputs } = emitModel({ y: add(input('x', ['B', 3]), input('x', ['B', 3])) }, place);
	expect(inputs).toEqual([{ name: 'x', type: 'float32', shape: ['B', 3] }]);
});

it('places rows of a weight behind those before them, each piece under its own name', () => {
	const x = input('x', [1, 4]);
	const rows = (firstRow: number) => weight('w', [2, 4], 'float32', firstRow);
	const halves = [0, 2].map((firstRow) => matmul(x, rows(firstRow), { transposeB: true }));
	const { initializers } = emitModel({ low: halves[0] as never, high: halves[1] as never }, place);
	expect(initializers.map(({ data }) => data)).toEqual([
		{ location: 'w.bin', offset: 100, length: 32 },
		{ location: 'w.bin', offset: 132, length: 32 },
	]);
	expect(new Set(initializers.map(({ name }) => name)).size).toBe(2);
});

it('reads a size off the input that has it, once however often it is needed', () => {
	const x = input('x', ['B', 3]);
	const both = { y: expand(scalar(1), ['B', 2]), z: reshape(x, ['B', 3, 1]) };
	const model = emitModel(both, place);
	expect(typesOf(model).filter((type) => type === 'Shape')).toHaveLength(1);
	const ofProduct = emitModel({ y: reshape(input('x', ['B', 'T']), ['B*T']) }, place);
	expect(typesOf(ofProduct).filter((type) => type === 'Mul')).toHaveLength(1);
});

it('stops at a dimension that no input has', () => {
	expect(() => emitModel({ y: expand(scalar(1), ['N']) }, place)).toThrow(
		'Internal: emit: no input has the dimension N',
	);
});

it('writes constants as bytes, two 4-bit numbers to a byte', () => {
	const bytesOf = (values: readonly number[], type: 'float32' | 'int64' | 'uint4') => {
		const node = constant(values, [values.length], type);
		const [initializer] = emitModel({ y: node }, place).initializers;
		return initializer?.data;
	};
	expect(bytesOf([1, -2], 'float32')).toEqual(new Uint8Array(Float32Array.of(1, -2).buffer));
	expect(bytesOf([7], 'int64')).toEqual(new Uint8Array(BigInt64Array.of(7n).buffer));
	expect(bytesOf([1, 2, 15], 'uint4')).toEqual(Uint8Array.of(1 + 16 * 2, 15));
});

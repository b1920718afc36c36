/** One row per operation: the ONNX nodes that compute it. */
import { itemAt } from '../../core/present.ts';
import type { ElementType, Node, Operation } from '../graph/node.ts';
import { type Dimension, product, type Shape } from '../graph/shape.ts';
import { type Attribute, dataTypes } from './protobuf.ts';

/** What a row may do: add ONNX nodes and constants, and ask for shapes as int64 vectors. */
export interface Emitter {
	/** Adds a node with one output and returns the output's name. */
	node(
		type: string,
		inputs: readonly string[],
		attributes?: Readonly<Record<string, Attribute>>,
		domain?: string,
	): string;
	/** Returns the name of an int64 vector. */
	integers(values: readonly number[]): string;
	/** Returns the name of an int64 vector with the sizes of a shape. */
	sizes(shape: Shape): string;
	/** Returns the name of a small constant. */
	constant(values: readonly number[], shape: readonly number[], type: ElementType): string;
	/** Returns the name of a constant, input or weight declared in the model. */
	declared(node: Node): string;
}

type EmissionRules = {
	readonly [K in Operation]: (emitter: Emitter, node: Node<K>, inputs: readonly string[]) => string;
};

const microsoft = 'com.microsoft';

/** Levels of accuracy of onnxruntime's products of blocks; for 8 bits there is a fast kernel for the second one only. */
const float32Inputs = 1;
const eightBitInputs = 4;

const simple =
	(type: string) =>
	(emitter: Emitter, _: Node, inputs: readonly string[]): string =>
		emitter.node(type, inputs);

const declared = (emitter: Emitter, node: Node): string => emitter.declared(node);

const overLastAxis =
	(type: string) =>
	(emitter: Emitter, _: Node, inputs: readonly string[]): string =>
		emitter.node(type, inputs, { axis: { int: -1 } });

/** Gemm takes both transposes without copies of a matrix, but only of rank 2; FusedMatMul takes batches. */
function emitMatmul(emitter: Emitter, node: Node<'matmul'>, inputs: readonly string[]): string {
	const [transA, transB] = [Number(node.parameters.transposeA), Number(node.parameters.transposeB)];
	if (node.shape.length === 2)
		return emitter.node('Gemm', inputs, { transA: { int: transA }, transB: { int: transB } });
	if (transA + transB === 0) return emitter.node('MatMul', inputs);
	return emitter.node('FusedMatMul', inputs, { transA: { int: transA }, transB: { int: transB } }, microsoft);
}

/**
 * ScatterElements wants an index per element. ScatterND needs only one per row, but its threads add to the same row at
 * once: sums differ from run to run.
 */
function emitScatterAddRows(emitter: Emitter, node: Node<'scatterAddRows'>, inputs: readonly string[]): string {
	const [ids, updates] = inputs as [string, string];
	const rank = itemAt(node.inputs, 0).shape.length;
	const rows = emitter.node('Flatten', [updates], { axis: { int: rank } });
	const column = emitter.node('Reshape', [ids, emitter.integers([-1, 1])]);
	const indices = emitter.node('Expand', [column, emitter.node('Shape', [rows])]);
	const zeros = emitter.node('ConstantOfShape', [emitter.sizes(node.shape)]);
	const flat = emitter.node('Flatten', [zeros], { axis: { int: 1 } });
	const sums = emitter.node('ScatterElements', [flat, indices, rows], { axis: { int: 0 }, reduction: { text: 'add' } });
	return emitter.node('Reshape', [sums, emitter.sizes(node.shape)]);
}

/**
 * A reshape to zeros, which means "as it is" and copies nothing; the zeros come from the size of the earlier value, so
 * onnxruntime can neither fold the node nor run it before.
 */
function emitAfter(emitter: Emitter, node: Node<'after'>, inputs: readonly string[]): string {
	const [x, earlier] = inputs as [string, string];
	const size = emitter.node('Shape', [earlier], { start: { int: 0 }, end: { int: 1 } });
	return emitter.node('Reshape', [x, emitter.node('Mul', [size, emitter.integers(node.shape.map(() => 0))])]);
}

/** The kernel looks angles up in a table by position: here each token has a row of its own, in order. */
function emitRotateHalves(emitter: Emitter, node: Node<'rotateHalves'>, inputs: readonly string[]): string {
	const [x, ...angles] = inputs as [string, string, string];
	const [batch, tokens, heads, width] = node.shape as [Dimension, Dimension, number, number];
	const number = (value: number): string => emitter.constant([value], [], 'int64');
	const count = emitter.node('Squeeze', [emitter.sizes([product(batch, tokens)])]);
	const places = emitter.node('Reshape', [
		emitter.node('Range', [number(0), count, number(1)]),
		emitter.sizes([batch, tokens]),
	]);
	const tables = angles.map((table) => emitter.node('Reshape', [table, emitter.integers([-1, width / 2])]));
	const rows = emitter.node('Reshape', [x, emitter.sizes([batch, tokens, heads * width])]);
	const rotated = emitter.node('RotaryEmbedding', [rows, places, ...tables], {}, microsoft);
	return emitter.node('Reshape', [rotated, emitter.sizes(node.shape)]);
}

/**
 * Rows as whole numbers around 128, their sums of products as int32, and the steps multiplied back in. Equal rows of equal
 * products are rounded once: onnxruntime joins nodes that compute the same.
 */
function emitInt8Matmul(emitter: Emitter, _: Node, inputs: readonly string[]): string {
	const [x, numbers, scales] = inputs as [string, string, string];
	const float = (value: number): string => emitter.constant([value], [], 'float32');
	const [one, middle] = [float(1), emitter.constant([128], [], 'uint8')];
	const largest = emitter.node('ReduceMax', [emitter.node('Abs', [x]), emitter.integers([-1])], {
		keepdims: { int: 1 },
	});
	// A row of zeros has a step as well.
	const step = emitter.node('Mul', [emitter.node('Max', [largest, float(smallestRow)]), float(1 / 127)]);
	const rounded = emitter.node('QuantizeLinear', [emitter.node('Div', [x, step]), one, middle]);
	const sums = emitter.node('MatMulIntegerToFloat', [rounded, numbers, one, scales, middle, middle], {}, microsoft);
	return emitter.node('Mul', [sums, step]);
}

const smallestRow = 1e-30;

/** The total table of emissions. */
export const emissionRules: EmissionRules = {
	input: declared,
	weight: declared,
	constant: declared,
	add: simple('Add'),
	subtract: simple('Sub'),
	multiply: simple('Mul'),
	divide: simple('Div'),
	negate: simple('Neg'),
	exponential: simple('Exp'),
	squareRoot: simple('Sqrt'),
	sigmoid: simple('Sigmoid'),
	tanh: simple('Tanh'),
	erf: simple('Erf'),
	cosine: simple('Cos'),
	sine: simple('Sin'),
	sum: (emitter, node, inputs) =>
		emitter.node('ReduceSum', [...inputs, emitter.integers(node.parameters.axes)], { keepdims: { int: 1 } }),
	softmax: overLastAxis('Softmax'),
	logSoftmax: overLastAxis('LogSoftmax'),
	matmul: emitMatmul,
	reshape: (emitter, node, inputs) => emitter.node('Reshape', [...inputs, emitter.sizes(node.shape)]),
	expand: (emitter, node, inputs) => emitter.node('Expand', [...inputs, emitter.sizes(node.shape)]),
	transpose: (emitter, node, inputs) =>
		emitter.node('Transpose', inputs, { perm: { ints: node.parameters.permutation } }),
	concat: (emitter, node, inputs) => emitter.node('Concat', inputs, { axis: { int: node.parameters.axis } }),
	slice: (emitter, node, inputs) => {
		const { axis, start, end } = node.parameters;
		return emitter.node('Slice', [
			...inputs,
			emitter.integers([start]),
			emitter.integers([end]),
			emitter.integers([axis]),
		]);
	},
	rest: (emitter, node, inputs) => {
		const { axis, before } = node.parameters;
		const toTheEnd = emitter.integers([Number.MAX_SAFE_INTEGER]);
		return emitter.node('Slice', [...inputs, emitter.sizes([before]), toTheEnd, emitter.integers([axis])]);
	},
	pad: (emitter, node, inputs) => {
		const { axis, before, after } = node.parameters;
		const at = (amount: number): number[] => node.shape.map((_, i) => (i === axis ? amount : 0));
		return emitter.node('Pad', [...inputs, emitter.integers([...at(before), ...at(after)])]);
	},
	gatherRows: (emitter, _, inputs) => emitter.node('Gather', inputs, { axis: { int: 0 } }),
	scatterAddRows: emitScatterAddRows,
	lessOrEqual: simple('LessOrEqual'),
	where: simple('Where'),
	cast: (emitter, node, inputs) => emitter.node('Cast', inputs, { to: { int: dataTypes[node.parameters.type] } }),
	stopGradient: (_, __, inputs) => inputs[0] as string,
	after: emitAfter,
	dequantise: (emitter, _, inputs) => emitter.node('DequantizeLinear', inputs, { axis: { int: 0 } }),
	rmsNormalise: (emitter, node, inputs) =>
		emitter.node('SimplifiedLayerNormalization', inputs, {
			axis: { int: -1 },
			epsilon: { float: node.parameters.epsilon },
			stash_type: { int: 1 },
		}),
	rotateHalves: emitRotateHalves,
	int8Matmul: emitInt8Matmul,
	blockQuantisedMatmul: (emitter, node, inputs) => {
		const { bits, blockSize, rounds } = node.parameters;
		const [outer, width] = [Number(node.shape[1]), Number(node.inputs[0]?.shape[1])];
		return emitter.node(
			'MatMulNBits',
			inputs,
			{
				K: { int: width },
				N: { int: outer },
				bits: { int: bits },
				block_size: { int: blockSize },
				accuracy_level: { int: rounds ? eightBitInputs : float32Inputs },
			},
			microsoft,
		);
	},
	gatherBlocks: (emitter, node, inputs) => {
		const [packed, ids, scales] = inputs as [string, string, string];
		const { bits, blockSize } = node.parameters;
		const attributes = { gather_axis: 0, quantize_axis: 1, block_size: blockSize, bits };
		const integers = Object.entries(attributes).map(([name, value]) => [name, { int: value }]);
		return emitter.node('GatherBlockQuantized', [packed, ids, scales], Object.fromEntries(integers), microsoft);
	},
};

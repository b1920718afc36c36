/**
 * One row per operation: the gradient of each input, given the gradient dy of the result, as graph nodes. Rows are
 * lists of functions so that only wanted gradients are built; a missing entry means that no gradient flows there.
 */
import { InternalError } from '../../core/errors.ts';
import {
	add,
	concat,
	cosine,
	divide,
	expand,
	exponential,
	gatherRows,
	matmul,
	multiply,
	negate,
	pad,
	reshape,
	rest,
	rotateHalves,
	scalar,
	scale,
	scatterAddRows,
	sine,
	slice,
	softmax,
	subtract,
	sum,
	sumTo,
	transpose,
	where,
	cast,
} from './build.ts';
import type { Node, Operation } from './node.ts';
import type { Dimension } from './shape.ts';

type InputGradient = () => Node;

/** Null where an input has no gradient (ids, conditions). */
type InputGradients = readonly (InputGradient | null)[];

export type GradientRule<K extends Operation = Operation> = (node: Node<K>, dy: Node) => InputGradients;

const none = (): InputGradients => [];
const inputAt = (node: Node, index: number): Node => node.inputs[index] as Node;
const one = scalar(1);

/** Row of an elementwise function of one input: dx = dy * derivative(x, y). */
const unary =
	(derivative: (x: Node, y: Node) => Node) =>
	(node: Node, dy: Node): InputGradient[] => [() => multiply(dy, derivative(inputAt(node, 0), node))];

/** Row of an elementwise function of two inputs; broadcast axes are summed. */
const binary =
	(da: (dy: Node, a: Node, b: Node) => Node, db: (dy: Node, a: Node, b: Node) => Node) =>
	(node: Node, dy: Node): InputGradient[] => {
		const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
		return [() => sumTo(da(dy, a, b), a.shape), () => sumTo(db(dy, a, b), b.shape)];
	};

/** Gradients of Y = op(A) op(B), op = transpose or not. */
function matmulGradients(node: Node<'matmul'>, dy: Node): InputGradient[] {
	const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
	const { transposeA: ta, transposeB: tb } = node.parameters;
	return [
		() => (ta ? matmul(b, dy, { transposeA: tb, transposeB: true }) : matmul(dy, b, { transposeB: !tb })),
		() => (tb ? matmul(dy, a, { transposeA: true, transposeB: ta }) : matmul(a, dy, { transposeA: !ta })),
	];
}

/** Gradients of a concatenation: the parts of dy. Of a join of open sizes those of fixed size and the second of two have one. */
function concatGradients(node: Node<'concat'>, dy: Node): InputGradient[] {
	const { axis } = node.parameters;
	const sizes = node.inputs.map((x) => x.shape[axis] as Dimension);
	return sizes.map((size, i) => () => {
		const before = sizes.slice(0, i);
		if (typeof size === 'number' && before.every((other) => typeof other === 'number')) {
			const start = before.reduce((total, other) => total + other, 0);
			return partOfProduct(dy, axis, (x, along) => slice(x, along, start, start + size));
		}
		const [first, ...others] = before;
		if (first === undefined || others.length > 0) {
			throw new InternalError('concat: of a join of open sizes only the second of two parts has a gradient');
		}
		return partOfProduct(dy, axis, (x, along) => rest(x, along, first, size));
	});
}

/** Returns a part of the rows; of a product A^T B only that part is computed. */
function partOfProduct(x: Node, axis: number, part: (x: Node, axis: number) => Node): Node {
	const [a, b] = x.inputs;
	const isProduct = x.operation === 'matmul' && (x as Node<'matmul'>).parameters.transposeA;
	if (!isProduct || axis !== x.shape.length - 2 || a === undefined || b === undefined) return part(x, axis);
	return matmul(part(a, axis + 1), b, (x as Node<'matmul'>).parameters);
}

/** Zeros stand for the entries that were left out. */
function restGradient(node: Node<'rest'>, dy: Node): InputGradient[] {
	const { axis, before } = node.parameters;
	const { shape } = inputAt(node, 0);
	const left = shape.map((dimension, i) => (i === axis ? before : dimension));
	return [() => concat([expand(scalar(0), left), dy], axis, shape[axis] as Dimension)];
}

/** Returns dx = y * (dy - sum(y * dy)) for y = softmax(x) over the last axis. */
export function softmaxGradient(y: Node, dy: Node): Node {
	const weighted = multiply(dy, y);
	return subtract(weighted, multiply(y, rowSum(weighted)));
}

const lastAxis = (x: Node): number => x.shape.length - 1;
const rowSum = (x: Node): Node => sum(x, [lastAxis(x)]);

/** The total table of gradients. */
export const gradientRules: { readonly [K in Operation]: GradientRule<K> } = {
	input: none,
	weight: none,
	constant: none,
	add: binary(
		(dy) => dy,
		(dy) => dy,
	),
	subtract: binary(
		(dy) => dy,
		(dy) => negate(dy),
	),
	multiply: binary(
		(dy, _, b) => multiply(dy, b),
		(dy, a) => multiply(dy, a),
	),
	divide: binary(
		(dy, _, b) => divide(dy, b),
		(dy, a, b) => negate(divide(multiply(dy, a), multiply(b, b))),
	),
	negate: (_, dy) => [() => negate(dy)],
	exponential: unary((_, y) => y),
	squareRoot: (node, dy) => [() => divide(scale(dy, 0.5), node)],
	sigmoid: unary((_, y) => multiply(y, subtract(one, y))),
	tanh: unary((_, y) => subtract(one, multiply(y, y))),
	erf: unary((x) => scale(exponential(negate(multiply(x, x))), 2 / Math.sqrt(Math.PI))),
	cosine: unary((x) => negate(sine(x))),
	sine: unary((x) => cosine(x)),
	sum: (node, dy) => [() => expand(dy, inputAt(node, 0).shape)],
	softmax: (node, dy) => [() => softmaxGradient(node, dy)],
	logSoftmax: (node, dy) => [() => subtract(dy, multiply(softmax(inputAt(node, 0)), rowSum(dy)))],
	matmul: matmulGradients,
	reshape: (node, dy) => [() => reshape(dy, inputAt(node, 0).shape)],
	expand: (node, dy) => [() => sumTo(dy, inputAt(node, 0).shape)],
	transpose: (node, dy) => {
		const { permutation } = node.parameters;
		return [
			() =>
				transpose(
					dy,
					permutation.map((_, i) => permutation.indexOf(i)),
				),
		];
	},
	concat: concatGradients,
	slice: (node, dy) => {
		const { axis, start, end } = node.parameters;
		const size = inputAt(node, 0).shape[axis];
		if (typeof size !== 'number') throw new InternalError('slice: of an open size it has no gradient');
		return [() => pad(dy, axis, start, size - end)];
	},
	rest: restGradient,
	pad: (node, dy) => {
		const { axis, before } = node.parameters;
		return [() => slice(dy, axis, before, before + Number(inputAt(node, 0).shape[axis]))];
	},
	gatherRows: (node, dy) => [() => scatterAddRows(inputAt(node, 1), dy, inputAt(node, 0).shape[0] as Dimension)],
	scatterAddRows: (node, dy) => [null, () => gatherRows(dy, inputAt(node, 0))],
	lessOrEqual: none,
	where: (node, dy) => {
		const [condition, a, b] = [inputAt(node, 0), inputAt(node, 1), inputAt(node, 2)];
		const zero = scalar(0);
		return [null, () => sumTo(where(condition, dy, zero), a.shape), () => sumTo(where(condition, zero, dy), b.shape)];
	},
	cast: (node, dy) => [() => cast(dy, inputAt(node, 0).type)],
	stopGradient: none,
	after: (_, dy) => [() => dy, null],
	// A rotation back; angles come from positions, which have no gradient.
	rotateHalves: (node, dy) => [() => rotateHalves(dy, inputAt(node, 1), negate(inputAt(node, 2))), null, null],
	dequantise: none,
	blockQuantisedMatmul: afterDifferentiation,
	gatherBlocks: afterDifferentiation,
	int8Matmul: afterDifferentiation,
	rmsNormalise: afterDifferentiation,
};

function afterDifferentiation({ operation }: Node): never {
	throw new InternalError(`${operation}: takes the place of other operations after differentiation, not before`);
}

/** Returns the sum of gradients that reach one node from several users. */
export function accumulate(gradients: readonly Node[]): Node {
	return gradients.reduce((total, gradient) => add(total, gradient));
}

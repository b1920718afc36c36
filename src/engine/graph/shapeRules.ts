/** Shape and element type of every operation's result, from its parameters and inputs. */
import { InternalError } from '../../core/errors.ts';
import type { ElementType, Node, Operation, Parameters } from './node.ts';
import { broadcast, type Dimension, formatShape, product, type Shape, sameShape } from './shape.ts';

interface Result {
	readonly shape: Shape;
	readonly type: ElementType;
}

type ShapeRules = { readonly [K in Operation]: (parameters: Parameters[K], inputs: readonly Node[]) => Result };

const elementwise = (name: string) => (_: unknown, inputs: readonly Node[]) => {
	const [a, b] = inputs as [Node, Node];
	if (a.type !== b.type) throw new InternalError(`${name}: element types ${a.type} and ${b.type} differ`);
	return { shape: broadcast(name, a.shape, b.shape), type: a.type };
};

const same = (_: unknown, inputs: readonly Node[]): Result => inputs[0] as Node;

const declared = (parameters: Result): Result => ({ shape: parameters.shape, type: parameters.type });

function replaceAt(shape: Shape, axis: number, dimension: Dimension): Dimension[] {
	return shape.map((old, i) => (i === axis ? dimension : old));
}

function fixedSize(where: string, shape: Shape, axis: number): number {
	const size = shape[axis];
	if (typeof size !== 'number')
		throw new InternalError(`${where}: axis ${axis} of ${formatShape(shape)} has no fixed size`);
	return size;
}

/** The total table of shapes and element types. */
export const shapeRules: ShapeRules = {
	input: declared,
	weight: declared,
	constant: declared,
	add: elementwise('add'),
	subtract: elementwise('subtract'),
	multiply: elementwise('multiply'),
	divide: elementwise('divide'),
	negate: same,
	exponential: same,
	squareRoot: same,
	sigmoid: same,
	tanh: same,
	erf: same,
	cosine: same,
	sine: same,
	sum: ({ axes }, [x]) => {
		const { shape, type } = x as Node;
		return { shape: shape.map((dimension, i) => (axes.includes(i) ? 1 : dimension)), type };
	},
	softmax: same,
	logSoftmax: same,
	matmul: ({ transposeA, transposeB }, [a, b]) => {
		const [x, y] = [a as Node, b as Node];
		const rank = x.shape.length;
		const [m, k] = transposeA ? [x.shape[rank - 1], x.shape[rank - 2]] : [x.shape[rank - 2], x.shape[rank - 1]];
		const [k2, n] = transposeB ? [y.shape[rank - 1], y.shape[rank - 2]] : [y.shape[rank - 2], y.shape[rank - 1]];
		const batch = x.shape.slice(0, -2);
		if (rank < 2 || k !== k2 || !sameShape(batch, y.shape.slice(0, -2))) {
			throw new InternalError(`matmul: ${formatShape(x.shape)} and ${formatShape(y.shape)} do not fit`);
		}
		return { shape: [...batch, m as Dimension, n as Dimension], type: x.type };
	},
	reshape: ({ shape }, [x]) => {
		const input = x as Node;
		if (product(...input.shape) !== product(...shape)) {
			throw new InternalError(
				`reshape: ${formatShape(input.shape)} does not hold as many elements as ${formatShape(shape)}`,
			);
		}
		return { shape, type: input.type };
	},
	expand: ({ shape }, [x]) => {
		const input = x as Node;
		if (!sameShape(broadcast('expand', input.shape, shape), shape)) {
			throw new InternalError(`expand: ${formatShape(input.shape)} does not broadcast to ${formatShape(shape)}`);
		}
		return { shape, type: input.type };
	},
	transpose: ({ permutation }, [x]) => {
		const { shape, type } = x as Node;
		return { shape: permutation.map((axis) => shape[axis] as Dimension), type };
	},
	concat: ({ axis, size }, inputs) => {
		const { shape, type } = inputs[0] as Node;
		return { shape: replaceAt(shape, axis, size), type };
	},
	slice: ({ axis, start, end }, [x]) => {
		const { shape, type } = x as Node;
		const size = shape[axis] as Dimension;
		if (start < 0 || (typeof size === 'number' && end > size) || start >= end) {
			throw new InternalError(`slice: ${start}..${end} lies outside axis ${axis} of ${formatShape(shape)}`);
		}
		return { shape: replaceAt(shape, axis, end - start), type };
	},
	rest: ({ axis, size }, [x]) => {
		const { shape, type } = x as Node;
		return { shape: replaceAt(shape, axis, size), type };
	},
	pad: ({ axis, before, after }, [x]) => {
		const { shape, type } = x as Node;
		return { shape: replaceAt(shape, axis, before + fixedSize('pad', shape, axis) + after), type };
	},
	gatherRows: (_, [table, ids]) => {
		const { shape, type } = table as Node;
		return { shape: [...(ids as Node).shape, ...shape.slice(1)], type };
	},
	scatterAddRows: ({ rows }, [ids, updates]) => {
		const { shape, type } = updates as Node;
		return { shape: [rows, ...shape.slice((ids as Node).shape.length)], type };
	},
	lessOrEqual: (parameters, inputs) => ({ ...elementwise('lessOrEqual')(parameters, inputs), type: 'bool' }),
	where: (parameters, [condition, a, b]) => {
		const values = elementwise('where')(parameters, [a as Node, b as Node]);
		return { shape: broadcast('where', (condition as Node).shape, values.shape), type: values.type };
	},
	cast: ({ type }, [x]) => ({ shape: (x as Node).shape, type }),
	stopGradient: same,
	dequantise: (_, [q]) => ({ shape: (q as Node).shape, type: 'float32' }),
	blockQuantisedMatmul: (_, inputs) => {
		const [x, packed] = inputs as [Node, Node];
		return { shape: [x.shape[0] as Dimension, packed.shape[0] as Dimension], type: 'float32' };
	},
	gatherBlocks: ({ bits }, [packed, ids]) => {
		const width = (fixedSize('gatherBlocks', (packed as Node).shape, 1) * 8) / bits;
		return { shape: [...(ids as Node).shape, width], type: 'float32' };
	},
	int8Matmul: (_, inputs) => {
		const [x, numbers] = inputs as [Node, Node];
		if (x.shape[1] !== numbers.shape[0]) {
			throw new InternalError(`int8Matmul: ${formatShape(x.shape)} does not fit ${formatShape(numbers.shape)}`);
		}
		return { shape: [x.shape[0] as Dimension, numbers.shape[1] as Dimension], type: 'float32' };
	},
	rmsNormalise: same,
	rotateHalves: same,
	after: (_, inputs) => {
		const [x, earlier] = inputs as [Node, Node];
		if (x.shape.length === 0 || earlier.shape.length === 0) throw new InternalError('after: scalars have no order');
		return x;
	},
};

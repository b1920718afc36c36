/** Functions that make nodes; composite functions (mean, rmsNorm, ...) are built from them and inherit their gradients. */
import type { ElementType, Node, Operation, Parameters, Tag } from './node.ts';
import { type Dimension, product, type Shape, sameShape } from './shape.ts';
import { shapeRules } from './shapeRules.ts';

/** Returns a node of any operation, its shape and type checked and filled in. */
export function createNode<K extends Operation>(
	operation: K,
	parameters: Parameters[K],
	inputs: readonly Node[],
): Node<K> {
	const { shape, type } = shapeRules[operation](parameters, inputs);
	return { operation, parameters, inputs, shape, type, tag: null, fused: null };
}

/** Returns the same node with a tag. */
export function tagged<N extends Node>(tag: Tag, node: N): N {
	return { ...node, tag };
}

/** Returns the same node with one that computes the same in one kernel, from inputs that the node depends on. */
export function fusedAs(fused: Node, node: Node): Node {
	return { ...node, fused };
}

export const input = (name: string, shape: Shape, type: ElementType = 'float32'): Node<'input'> =>
	createNode('input', { name, shape, type }, []);
export const weight = (name: string, shape: Shape, type: ElementType = 'float32', firstRow = 0): Node<'weight'> =>
	createNode('weight', { name, shape, type, firstRow }, []);
export const constant = (values: readonly number[], shape: readonly number[], type: ElementType = 'float32'): Node =>
	createNode('constant', { values, shape, type }, []);
export const scalar = (value: number, type: ElementType = 'float32'): Node => constant([value], [], type);

export const add = (a: Node, b: Node): Node => createNode('add', {}, [a, b]);
export const subtract = (a: Node, b: Node): Node => createNode('subtract', {}, [a, b]);
export const multiply = (a: Node, b: Node): Node => createNode('multiply', {}, [a, b]);
export const divide = (a: Node, b: Node): Node => createNode('divide', {}, [a, b]);
export const negate = (x: Node): Node => createNode('negate', {}, [x]);
export const exponential = (x: Node): Node => createNode('exponential', {}, [x]);
export const squareRoot = (x: Node): Node => createNode('squareRoot', {}, [x]);
export const sigmoid = (x: Node): Node => createNode('sigmoid', {}, [x]);
export const tanh = (x: Node): Node => createNode('tanh', {}, [x]);
export const erf = (x: Node): Node => createNode('erf', {}, [x]);
export const cosine = (x: Node): Node => createNode('cosine', {}, [x]);
export const sine = (x: Node): Node => createNode('sine', {}, [x]);
export const sum = (x: Node, axes: readonly number[]): Node => createNode('sum', { axes }, [x]);
export const softmax = (x: Node): Node => createNode('softmax', {}, [x]);
export const logSoftmax = (x: Node): Node => createNode('logSoftmax', {}, [x]);
export const matmul = (a: Node, b: Node, { transposeA = false, transposeB = false } = {}): Node =>
	createNode('matmul', { transposeA, transposeB }, [a, b]);
export const reshape = (x: Node, shape: Shape): Node =>
	sameShape(x.shape, shape) ? x : createNode('reshape', { shape }, [x]);
export const expand = (x: Node, shape: Shape): Node =>
	sameShape(x.shape, shape) ? x : createNode('expand', { shape }, [x]);
export const transpose = (x: Node, permutation: readonly number[]): Node =>
	createNode('transpose', { permutation }, [x]);
export const concat = (inputs: readonly Node[], axis: number, size: Dimension): Node =>
	createNode('concat', { axis, size }, inputs);
export const slice = (x: Node, axis: number, start: number, end: number): Node =>
	createNode('slice', { axis, start, end }, [x]);
export const rest = (x: Node, axis: number, before: Dimension, size: Dimension): Node =>
	createNode('rest', { axis, before, size }, [x]);
export const pad = (x: Node, axis: number, before: number, after: number): Node =>
	createNode('pad', { axis, before, after }, [x]);
export const gatherRows = (table: Node, ids: Node): Node => createNode('gatherRows', {}, [table, ids]);
export const scatterAddRows = (ids: Node, updates: Node, rows: Dimension): Node =>
	createNode('scatterAddRows', { rows }, [ids, updates]);
export const lessOrEqual = (a: Node, b: Node): Node => createNode('lessOrEqual', {}, [a, b]);
export const where = (condition: Node, a: Node, b: Node): Node => createNode('where', {}, [condition, a, b]);
export const cast = (x: Node, type: ElementType): Node => (x.type === type ? x : createNode('cast', { type }, [x]));
export const stopGradient = (x: Node): Node => createNode('stopGradient', {}, [x]);
export const dequantise = (q: Node, scales: Node, zeros: Node): Node =>
	createNode('dequantise', {}, [q, scales, zeros]);
export const blockQuantisedMatmul = (
	x: Node,
	packed: Node,
	scales: Node,
	form: Parameters['blockQuantisedMatmul'],
): Node => createNode('blockQuantisedMatmul', form, [x, packed, scales]);
export const gatherBlocks = (packed: Node, ids: Node, scales: Node, form: Parameters['gatherBlocks']): Node =>
	createNode('gatherBlocks', form, [packed, ids, scales]);
export const int8Matmul = (x: Node, numbers: Node, scales: Node): Node =>
	createNode('int8Matmul', {}, [x, numbers, scales]);
export const rmsNormalise = (x: Node, w: Node, epsilon: number): Node =>
	createNode('rmsNormalise', { epsilon }, [x, w]);
export const rotateHalves = (x: Node, cosines: Node, sines: Node): Node =>
	createNode('rotateHalves', {}, [x, cosines, sines]);
export const after = (x: Node, earlier: Node): Node => createNode('after', {}, [x, earlier]);

/** Returns x * factor. */
export const scale = (x: Node, factor: number): Node => multiply(x, scalar(factor));

/** Returns the mean over one axis of fixed size, which stays with size 1. */
export function mean(x: Node, axis: number): Node {
	return scale(sum(x, [axis]), 1 / Number(x.shape[axis]));
}

/** Returns a gradient summed over the axes that broadcasting had repeated, in the given shape. */
export function sumTo(x: Node, shape: Shape): Node {
	const lead = x.shape.length - shape.length;
	const axes = x.shape.flatMap((dimension, i) => (i < lead || (shape[i - lead] === 1 && dimension !== 1) ? [i] : []));
	return reshape(axes.length === 0 ? x : sum(x, axes), shape);
}

/** Returns x with all axes before the last joined: [..., D] -> [N, D]. */
export function flattenRows(x: Node): Node {
	return reshape(x, [product(...x.shape.slice(0, -1)), x.shape.at(-1) as Dimension]);
}

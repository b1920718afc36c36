/** Reference evaluation in float64, slow and plain: what the tests compare gradients and the emitted ONNX with. */
import { InternalError } from '../../core/errors.ts';
import { lastOf } from '../../core/present.ts';
import { type Node, type Operation, type Parameters, topologicalOrder } from './node.ts';
import { bindNames, sizeOf } from './shape.ts';

/** A tensor in row-major order. */
export interface Tensor {
	readonly sizes: readonly number[];
	readonly data: Float64Array;
}

type EvaluationRules = {
	readonly [K in Operation]: (parameters: Parameters[K], inputs: readonly Tensor[], sizes: readonly number[]) => Tensor;
};

const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

function strides(sizes: readonly number[]): number[] {
	const result = sizes.map(() => 1);
	for (let i = sizes.length - 2; i >= 0; i--) result[i] = (result[i + 1] as number) * (sizes[i + 1] as number);
	return result;
}

/** Returns the tensor whose element at each index is `element(index)`. */
/** An operation that takes its index apart says how many axes it has; its shape rule has checked that. */
function generate<Index extends readonly number[]>(
	sizes: readonly number[],
	element: (index: Index) => number,
): Tensor {
	const data = new Float64Array(count(sizes));
	const index = sizes.map(() => 0);
	for (let i = 0; i < data.length; i++) {
		data[i] = element(index as readonly number[] as Index);
		for (let axis = sizes.length - 1; axis >= 0; axis--) {
			index[axis] = (index[axis] as number) + 1;
			if ((index[axis] as number) < (sizes[axis] as number)) break;
			index[axis] = 0;
		}
	}
	return { sizes, data };
}

/** Returns an element; axes of size 1 repeat and missing leading axes are dropped. */
function at(x: Tensor, index: readonly number[]): number {
	const lead = index.length - x.sizes.length;
	const steps = strides(x.sizes);
	let offset = 0;
	for (const [axis, size] of x.sizes.entries())
		offset += size === 1 ? 0 : (index[lead + axis] as number) * (steps[axis] as number);
	return x.data[offset] as number;
}

const map =
	(f: (x: number) => number) =>
	(_: unknown, [x]: readonly Tensor[]): Tensor => ({
		sizes: (x as Tensor).sizes,
		data: (x as Tensor).data.map(f),
	});

const zip =
	(f: (a: number, b: number) => number) =>
	(_: unknown, [a, b]: readonly Tensor[], sizes: readonly number[]): Tensor =>
		generate(sizes, (index) => f(at(a as Tensor, index), at(b as Tensor, index)));

const fed = (): Tensor => {
	throw new InternalError('evaluate: a value that is fed was not given');
};

/** Applies f to each row of the last axis. */
const rows =
	(f: (row: Float64Array) => Float64Array) =>
	(_: unknown, [x]: readonly Tensor[]): Tensor => {
		const { sizes, data } = x as Tensor;
		const width = sizes.at(-1) as number;
		const result = new Float64Array(data.length);
		for (let i = 0; i < data.length; i += width) result.set(f(data.subarray(i, i + width)), i);
		return { sizes, data: result };
	};

function logSumExp(row: Float64Array): number {
	const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
	return largest + Math.log(row.reduce((total, x) => total + Math.exp(x - largest), 0));
}

function move(index: readonly number[], axis: number, value: number): number[] {
	return index.map((old, i) => (i === axis ? value : old));
}

/** Abramowitz & Stegun is too coarse for float64 checks, so erf is summed as its Taylor series (|x| < 6). */
function erf(x: number): number {
	if (Math.abs(x) > 6) return Math.sign(x);
	let term = x;
	let total = x;
	for (let n = 1; n < 200; n++) {
		term *= -(x * x) / n;
		total += term / (2 * n + 1);
	}
	return (2 / Math.sqrt(Math.PI)) * total;
}

/** The total table of reference evaluations. */
export const evaluationRules: EvaluationRules = {
	input: fed,
	weight: fed,
	constant: ({ values, shape }) => ({ sizes: shape, data: Float64Array.from(values) }),
	add: zip((a, b) => a + b),
	subtract: zip((a, b) => a - b),
	multiply: zip((a, b) => a * b),
	divide: zip((a, b) => a / b),
	negate: map((x) => -x),
	exponential: map(Math.exp),
	squareRoot: map(Math.sqrt),
	sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
	tanh: map(Math.tanh),
	erf: map(erf),
	cosine: map(Math.cos),
	sine: map(Math.sin),
	sum: ({ axes }, [x], sizes) => {
		const { data, sizes: from } = x as Tensor;
		const result = generate(sizes, () => 0);
		const steps = strides(sizes).map((step, axis) => (axes.includes(axis) ? 0 : step));
		let i = 0;
		generate(from, (index) => {
			const offset = index.reduce((total, position, axis) => total + position * (steps[axis] as number), 0);
			result.data[offset] = (result.data[offset] as number) + (data[i++] as number);
			return 0;
		});
		return result;
	},
	softmax: rows((row) => row.map((x) => Math.exp(x - logSumExp(row)))),
	logSoftmax: rows((row) => row.map((x) => x - logSumExp(row))),
	matmul: ({ transposeA, transposeB }, [a, b], sizes) => {
		const [x, y] = [a as Tensor, b as Tensor];
		const inner = x.sizes.at(transposeA ? -2 : -1) as number;
		return generate(sizes, (index) => {
			const [batch, m, n] = [index.slice(0, -2), index.at(-2) as number, index.at(-1) as number];
			let total = 0;
			for (let k = 0; k < inner; k++) {
				total +=
					at(x, [...batch, ...(transposeA ? [k, m] : [m, k])]) * at(y, [...batch, ...(transposeB ? [n, k] : [k, n])]);
			}
			return total;
		});
	},
	reshape: (_, [x], sizes) => ({ sizes, data: (x as Tensor).data }),
	expand: (_, [x], sizes) => generate(sizes, (index) => at(x as Tensor, index)),
	transpose: ({ permutation }, [x], sizes) =>
		generate(sizes, (index) =>
			at(
				x as Tensor,
				permutation.map((_, axis) => index[permutation.indexOf(axis)] as number),
			),
		),
	concat: ({ axis }, inputs, sizes) =>
		generate(sizes, (index) => {
			let position = index[axis] as number;
			for (const x of inputs) {
				if (position < (x.sizes[axis] as number)) return at(x, move(index, axis, position));
				position -= x.sizes[axis] as number;
			}
			throw new InternalError('concat: parts are shorter than the declared size');
		}),
	slice: ({ axis, start }, [x], sizes) =>
		generate(sizes, (index) => at(x as Tensor, move(index, axis, (index[axis] as number) + start))),
	rest: ({ axis }, [x], sizes) => {
		const before = ((x as Tensor).sizes[axis] as number) - (sizes[axis] as number);
		return generate(sizes, (index) => at(x as Tensor, move(index, axis, (index[axis] as number) + before)));
	},
	pad: ({ axis, before }, [x], sizes) =>
		generate(sizes, (index) => {
			const position = (index[axis] as number) - before;
			const inside = position >= 0 && position < ((x as Tensor).sizes[axis] as number);
			return inside ? at(x as Tensor, move(index, axis, position)) : 0;
		}),
	gatherRows: (_, [table, ids], sizes) => {
		const idRank = (ids as Tensor).sizes.length;
		return generate(sizes, (index) =>
			at(table as Tensor, [at(ids as Tensor, index.slice(0, idRank)), ...index.slice(idRank)]),
		);
	},
	scatterAddRows: (_, [ids, updates], sizes) => {
		const result = generate(sizes, () => 0);
		const width = count(sizes.slice(1));
		for (const [i, row] of (ids as Tensor).data.entries()) {
			for (let j = 0; j < width; j++) {
				const offset = row * width + j;
				result.data[offset] = (result.data[offset] as number) + ((updates as Tensor).data[i * width + j] as number);
			}
		}
		return result;
	},
	lessOrEqual: zip((a, b) => (a <= b ? 1 : 0)),
	where: (_, [condition, a, b], sizes) =>
		generate(sizes, (index) =>
			at(condition as Tensor, index) !== 0 ? at(a as Tensor, index) : at(b as Tensor, index),
		),
	cast: map((x) => x),
	stopGradient: map((x) => x),
	after: (_, [x]) => x as Tensor,
	dequantise: (_, [q, scales, zeros], sizes) =>
		generate(
			sizes,
			([row, column]: readonly [number, number]) =>
				(at(q as Tensor, [row, column]) - at(zeros as Tensor, [row])) * at(scales as Tensor, [row]),
		),
	blockQuantisedMatmul: ({ bits, blockSize }, [x, packed, scales], sizes) =>
		generate(sizes, ([n, m]: readonly [number, number]) => {
			const width = (x as Tensor).sizes[1] as number;
			const bytes = { ...(packed as Tensor), sizes: [(packed as Tensor).sizes[0] as number, (width * bits) / 8] };
			let total = 0;
			for (let k = 0; k < width; k++)
				total += at(x as Tensor, [n, k]) * blockWeight(bytes, scales as Tensor, { bits, blockSize }, [m, k]);
			return total;
		}),
	gatherBlocks: (form, [packed, ids, scales], sizes) =>
		generate(sizes, (index) => {
			const row = at(ids as Tensor, index.slice(0, -1));
			return blockWeight(packed as Tensor, scales as Tensor, form, [row, lastOf(index)]);
		}),
	rmsNormalise: ({ epsilon }, [x, w]) => {
		const scaled = rows((row) => {
			const meanSquare = row.reduce((total, value) => total + value * value, 0) / row.length;
			return row.map((value, i) => ((w as Tensor).data[i] as number) * (value / Math.sqrt(meanSquare + epsilon)));
		});
		return scaled(null, [x as Tensor]);
	},
	rotateHalves: (_, [x, cosines, sines], sizes) =>
		generate(sizes, ([b, t, h, k]: readonly [number, number, number, number]) => {
			const half = (sizes[3] as number) / 2;
			const angle = [b, t, 0, k % half];
			const turned = at(x as Tensor, [b, t, h, (k + half) % (2 * half)]) * at(sines as Tensor, angle);
			return at(x as Tensor, [b, t, h, k]) * at(cosines as Tensor, angle) + (k < half ? -turned : turned);
		}),
	int8Matmul: (_, [x, numbers, scales], sizes) => {
		const rounded = int8Rows(x as Tensor);
		return generate(sizes, ([n, m]: readonly [number, number]) => {
			const { steps, data, width } = rounded;
			let total = 0;
			for (let k = 0; k < width; k++) total += (data[n * width + k] as number) * (at(numbers as Tensor, [k, m]) - 128);
			return total * (steps[n] as number) * at(scales as Tensor, [m]);
		});
	},
};

/** Returns a weight of a matrix whose packed bytes are [M, K * bits / 8]. */
function blockWeight(
	packed: Tensor,
	scales: Tensor,
	{ bits, blockSize }: Parameters['gatherBlocks'],
	[row, column]: readonly [number, number],
): number {
	const byte = at(packed, [row, Math.floor((column * bits) / 8)]);
	const q = bits === 8 ? byte : (byte >> (4 * (column % 2))) & 15;
	return (q - 2 ** (bits - 1)) * at(scales, [row, Math.floor(column / blockSize)]);
}

/** Returns each row as whole numbers of steps, the largest of them 127 (half a step goes to the even number). */
function int8Rows({ sizes, data }: Tensor): { steps: number[]; data: Float64Array; width: number } {
	const width = sizes[1] as number;
	const steps = Array.from({ length: sizes[0] as number }, (_, n) => {
		const largest = data
			.subarray(n * width, (n + 1) * width)
			.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
		return largest / 127;
	});
	const rounded = data.map((value, i) => {
		const step = steps[Math.floor(i / width)] as number;
		return step === 0 ? 0 : roundHalfToEven(value / step);
	});
	return { steps, data: rounded, width };
}

function roundHalfToEven(x: number): number {
	const down = Math.floor(x);
	if (x - down !== 0.5) return Math.round(x);
	return down % 2 === 0 ? down : down + 1;
}

/**
 * Returns the values of the outputs in float64. `feeds` holds inputs and weights by name.
 * Throws an `InternalError` when a feed is missing or its sizes do not fit.
 */
export function evaluate(outputs: readonly Node[], feeds: ReadonlyMap<string, Tensor>): Tensor[] {
	const order = topologicalOrder(outputs);
	const names = new Map<string, number>();
	const values = new Map<Node, Tensor>();
	for (const node of order) {
		if (!isFed(node)) continue;
		const whole = feeds.get(node.parameters.name);
		if (whole === undefined) throw new InternalError(`evaluate: no value for "${node.parameters.name}"`);
		const value = node.operation === 'weight' ? rowsOf(whole, node as Node<'weight'>) : whole;
		bindNames(node.parameters.name, node.shape, value.sizes, names);
		values.set(node, value);
	}
	for (const node of order) {
		if (values.has(node)) continue;
		const sizes = node.shape.map((dimension) => sizeOf(dimension, names));
		// The row for `operation` takes exactly its parameters; TypeScript cannot pair the two.
		const rule = evaluationRules[node.operation] as (
			p: unknown,
			inputs: readonly Tensor[],
			s: readonly number[],
		) => Tensor;
		values.set(
			node,
			rule(
				node.parameters,
				node.inputs.map((x) => values.get(x) as Tensor),
				sizes,
			),
		);
	}
	return outputs.map((output) => values.get(output) as Tensor);
}

function rowsOf({ sizes, data }: Tensor, { parameters: { firstRow, shape } }: Node<'weight'>): Tensor {
	const rows = Number(shape[0] ?? 1);
	const width = count(sizes.slice(1));
	return { sizes: shape.map(Number), data: data.subarray(firstRow * width, (firstRow + rows) * width) };
}

function isFed(node: Node): node is Node<'input' | 'weight'> {
	return node.operation === 'input' || node.operation === 'weight';
}

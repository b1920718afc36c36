/** Graphs of one operation each, with shapes that are usual and awkward: what `operations.test.ts` checks. */
import * as build from '../graph/build.ts';
import type { Node, Operation } from '../graph/node.ts';

export interface Case {
	readonly result: Node;
	readonly inputs: readonly Node<'input'>[];
	/** Inputs with no gradient of their own. */
	readonly fixed?: readonly Node<'input'>[];
	/** Sizes of names in shapes. */
	readonly names?: Readonly<Record<string, number>>;
	/** Digits that must agree, where not 4. */
	readonly digits?: number;
	/** Values by input name where random ones do not do. */
	readonly values?: Readonly<Record<string, readonly number[]>>;
}

const x = build.input('x', ['B', 3]);
const y = build.input('y', ['B', 3]);
const row = build.input('row', [1, 3]);
const ids = build.input('ids', [4], 'int64');
const updates = build.input('updates', [4, 2]);
const heads = build.input('heads', ['B', 3, 2, 4]);
const scalarZero = build.scalar(0);
const positive = { x: [0.5, 1.5, 2, 0.7, 1.1, 3] };

const unary = (operation: (a: Node) => Node, values?: Case['values']): Case => ({
	result: operation(x),
	inputs: [x],
	...(values === undefined ? {} : { values }),
});
const binary = (operation: (a: Node, b: Node) => Node, values?: Case['values']): Case => ({
	result: operation(x, row),
	inputs: [x, row],
	...(values === undefined ? {} : { values }),
});

/** 0, 1, 2, ... 15, 0, ... */
function counting(length: number): number[] {
	return Array.from({ length }, (_, i) => i % 16);
}

/** One case per operation: the compiler names what is missing. */
export const cases: { readonly [K in Operation]: Case } = {
	input: { result: build.add(x, x), inputs: [x] },
	weight: { result: build.multiply(x, row), inputs: [x, row] },
	constant: { result: build.multiply(x, build.constant([1, -2, 3], [1, 3])), inputs: [x] },
	add: binary(build.add),
	subtract: binary(build.subtract),
	multiply: binary(build.multiply),
	divide: binary(build.divide, { row: [1.5, -2, 0.8] }),
	negate: unary(build.negate),
	exponential: unary(build.exponential),
	squareRoot: unary(build.squareRoot, positive),
	sigmoid: unary(build.sigmoid),
	tanh: unary(build.tanh),
	erf: unary(build.erf),
	cosine: unary(build.cosine),
	sine: unary(build.sine),
	sum: unary((a) => build.sum(build.reshape(a, ['B', 3, 1]), [1])),
	softmax: unary(build.softmax),
	logSoftmax: unary(build.logSoftmax),
	matmul: {
		result: build.matmul(build.reshape(x, ['B', 1, 3]), build.reshape(y, ['B', 1, 3]), { transposeB: true }),
		inputs: [x, y],
	},
	reshape: unary((a) => build.reshape(a, ['3*B'])),
	expand: { result: build.add(build.expand(row, ['B', 3]), x), inputs: [row, x] },
	transpose: unary((a) => build.transpose(build.reshape(a, ['B', 1, 3]), [2, 0, 1])),
	concat: { result: build.concat([x, y], 1, 6), inputs: [x, y] },
	slice: unary((a) => build.slice(a, 1, 1, 3)),
	rest: unary((a) => build.rest(a, 0, 1, 1)),
	pad: unary((a) => build.pad(a, 1, 2, 1)),
	gatherRows: {
		result: build.gatherRows(build.reshape(x, ['B', 3]), ids),
		inputs: [x, ids],
		values: { ids: [1, 0, 1, 1] },
	},
	scatterAddRows: {
		result: build.scatterAddRows(ids, updates, 2),
		inputs: [ids, updates],
		values: { ids: [1, 0, 1, 1] },
	},
	lessOrEqual: { result: build.where(build.lessOrEqual(x, row), build.exponential(x), row), inputs: [x, row] },
	where: { result: build.where(build.lessOrEqual(x, row), build.exponential(x), y), inputs: [x, row, y] },
	cast: unary((a) => build.cast(a, 'float32')),
	stopGradient: unary((a) => build.add(build.stopGradient(a), build.exponential(a))),
	dequantise: {
		result: build.dequantise(
			build.constant(counting(3 * 16), [3, 16], 'uint4'),
			build.constant([0.5, 2, 0.1], [3]),
			build.constant([8, 8, 8], [3], 'uint4'),
		),
		inputs: [],
	},
	blockQuantisedMatmul: {
		result: build.blockQuantisedMatmul(
			build.constant(counting(2 * 32), [2, 32]),
			build.constant(counting(2 * 2 * 8), [2, 2, 8], 'uint8'),
			build.constant([0.5, 2, 1, 0.1], [2, 2]),
			{ bits: 4, blockSize: 16, rounds: true },
		),
		inputs: [],
		digits: -1,
	},
	gatherBlocks: {
		result: build.gatherBlocks(
			build.constant(counting(3 * 32), [3, 32], 'uint8'),
			build.constant([2, 0, 2, 1], [2, 2], 'int64'),
			build.constant([0.5, 2, 1, 0.1, 0.3, 0.7], [3, 2]),
			{ bits: 8, blockSize: 16 },
		),
		inputs: [],
	},
	rmsNormalise: {
		result: build.rmsNormalise(
			build.constant([1, -2, 3, 0.5, 0, 0, 0, 1e-3], [2, 4]),
			build.constant([1, 0.5, -2, 3], [4]),
			1e-3,
		),
		inputs: [],
	},
	rotateHalves: {
		result: build.rotateHalves(
			heads,
			build.constant(
				counting(2 * 3 * 2).map((n) => Math.cos(n)),
				[2, 3, 1, 2],
			),
			build.constant(
				counting(2 * 3 * 2).map((n) => Math.sin(n)),
				[2, 3, 1, 2],
			),
		),
		inputs: [heads],
	},
	int8Matmul: {
		result: build.int8Matmul(
			// Two large numbers side by side: sums of two signed products overflow on AVX2.
			build.constant([127, 127, 0.5, 1.5, 0, 0, 0, 0, 0.02, 0.127, -0.1004, 0.0636], [3, 4]),
			build.constant([255, 126, 255, 255, 1, 133, 128, 132], [4, 2], 'uint8'),
			build.constant([0.5, 0.1], [2]),
		),
		inputs: [],
	},
	after: { result: build.multiply(build.after(x, row), build.exponential(y)), inputs: [x, y, row] },
};

const [column, vector, single, number] = [
	build.input('column', ['B', 1]),
	build.input('vector', [3]),
	build.input('single', [1]),
	build.input('number', []),
];
const divisors = {
	column: [2, -1.5],
	vector: [1.2, -0.7, 3],
	row: [1.5, -2, 0.8],
	single: [-1.7],
	number: [0.6],
	x: [1.5, -2, 0.8, 2, -1.1, 0.7],
};

/** Operands that both repeat, that have fewer axes, or a single element. */
function broadcasts(name: string, operation: (a: Node, b: Node) => Node): [string, Case][] {
	const values = name === 'divide' ? { values: divisors } : {};
	const pairs = [
		[column, row],
		[row, column],
		[x, vector],
		[vector, x],
		[x, number],
		[number, x],
		[single, column],
	];
	return pairs.map((pair) => {
		const [a, b] = pair as [Node<'input'>, Node<'input'>];
		const label = `${name} of ${a.parameters.name} and ${b.parameters.name}`;
		return [label, { result: operation(a, b), inputs: [a, b], ...values }];
	});
}

/** All ways to transpose, with and without leading axes. */
function matrixProducts(lead: Node['shape'], sizes: readonly [number, number, number]): [string, Case][] {
	const [m, k, n] = sizes;
	return [0, 1, 2, 3].map((way) => {
		const [transposeA, transposeB] = [way > 1, way % 2 === 1];
		const a = build.input('a', [...lead, ...(transposeA ? [k, m] : [m, k])]);
		const b = build.input('b', [...lead, ...(transposeB ? [n, k] : [k, n])]);
		const turned = `${transposeA ? ', A turned' : ''}${transposeB ? ', B turned' : ''}`;
		const label = `matmul [${[...lead, m, k].join()}] [${[...lead, k, n].join()}]${turned}`;
		return [label, { result: build.matmul(a, b, { transposeA, transposeB }), inputs: [a, b] }];
	});
}

/** Shapes in which gradients go wrong: repeated operands, size 1, odd sizes, many axes, axes of open size. */
export const awkward: readonly (readonly [string, Case])[] = (() => {
	const box = build.input('box', ['B', 3, 5]);
	const one = build.input('one', ['B', 1]);
	const past = build.input('past', ['B', 'P', 2]);
	const fresh = build.input('fresh', ['B', 3, 2]);
	const queries = build.input('queries', ['B', 4, 2]);
	const weights = build.input('weights', ['B', 4, 'S']);
	const sequence = build.input('sequence', ['B', 'S', 2]);
	const grid = build.input('grid', [2, 2], 'int64');
	const table = build.input('table', [5, 3]);
	const list = build.input('list', [5]);
	const blocks = build.input('blocks', [2, 2, 3]);
	const scores = build.input('scores', ['B', 4, 'S']);
	const base = build.input('base', ['R', 3]);
	const joined = build.concat([past, fresh], 1, 'S');
	const first = build.input('first', ['B', 2, 2]);
	const led = build.concat([first, sequence], 1, 'L');
	const longer = build.input('longer', ['B', 'L', 2]);
	const ledScores = build.input('ledScores', ['B', 4, 'L']);
	const ledSizes = { names: { S: 5, L: 7 } };
	const open = { fixed: [past], names: { P: 2, S: 5 } };
	/** As in a first run, when nothing has been kept yet. */
	const nothing = { fixed: [past], names: { P: 0, S: 3 } };
	const [none, absent] = [build.input('none', ['N'], 'int64'), build.input('absent', ['N', 3])];
	const [order, limit] = [build.input('order', [5, 1], 'int64'), build.constant([2], [1])];
	const chosen = { values: { grid: [4, 0, 4, 2] } };
	const of = (inputs: Case['inputs'], result: Node, more: Partial<Case> = {}): Case => ({ result, inputs, ...more });
	const named: Record<string, Case> = {
		'sum over the first axis': of([box], build.sum(box, [0])),
		'sum over two axes': of([box], build.sum(box, [0, 2])),
		'sum over all axes': of([box], build.sum(box, [0, 1, 2])),
		'sum over an axis of size 1': of([one], build.sum(one, [1])),
		'softmax over three axes': of([box], build.softmax(box)),
		'softmax of one number': of([one], build.softmax(one)),
		'logSoftmax over three axes': of([box], build.logSoftmax(box)),
		'logSoftmax of one number': of([one], build.logSoftmax(one)),
		'concat of three': of([one, x], build.concat([one, x, one], 1, 5)),
		'concat of open sizes': { ...open, inputs: [fresh, sequence], result: build.multiply(joined, sequence) },
		'concat of open sizes, as keys': {
			...open,
			inputs: [fresh, queries, scores],
			result: build.multiply(build.matmul(queries, joined, { transposeB: true }), scores),
		},
		'concat of open sizes, as values': {
			...open,
			inputs: [fresh, weights],
			result: build.matmul(weights, joined),
		},
		'concat of open sizes, nothing before': {
			...nothing,
			inputs: [fresh, sequence],
			result: build.multiply(joined, sequence),
		},
		'concat of open sizes, nothing before, as keys': {
			...nothing,
			inputs: [fresh, queries, scores],
			result: build.multiply(build.matmul(queries, joined, { transposeB: true }), scores),
		},
		'rest of an open size, nothing before': of(
			[sequence],
			build.add(build.rest(sequence, 1, 'P', 3), build.sum(past, [1])),
			nothing,
		),
		'sum and softmax of nothing': of([fresh], build.add(build.sum(past, [1]), build.softmax(fresh)), nothing),
		'gatherRows by no ids': of([table], build.gatherRows(table, none), { fixed: [none], names: { N: 0 } }),
		'scatterAddRows by no ids': of([absent, base], build.multiply(build.scatterAddRows(none, absent, 'R'), base), {
			fixed: [none],
			names: { N: 0, R: 2 },
		}),
		'lessOrEqual of integers': of(
			[table],
			build.where(build.lessOrEqual(order, build.cast(limit, 'int64')), table, build.negate(table)),
			{
				fixed: [order],
				values: { order: [0, 1, 2, 3, 4] },
			},
		),
		'dequantise of bytes with zeros of their own': of(
			[],
			build.dequantise(
				build.constant(
					counting(4 * 16).map((x) => 255 - 9 * x),
					[4, 16],
					'uint8',
				),
				build.constant([0.5, 2, 1, 0.1], [4]),
				build.constant([0, 255, 3, 128], [4], 'uint8'),
			),
		),
		'blockQuantisedMatmul of 8 bits': of(
			[],
			build.blockQuantisedMatmul(
				build.constant(counting(2 * 32), [2, 32]),
				build.constant(
					counting(3 * 2 * 16).map((x) => 16 * x + 3),
					[3, 2, 16],
					'uint8',
				),
				build.constant([0.5, 2, 1, 0.1, 0.3, 0.7], [3, 2]),
				{ bits: 8, blockSize: 16, rounds: true },
			),
			{ digits: -2 },
		),
		'blockQuantisedMatmul of 4 bits that rounds nothing': of(
			[],
			build.blockQuantisedMatmul(
				build.constant(
					counting(2 * 32).map((x) => x / 7),
					[2, 32],
				),
				build.constant(
					counting(3 * 2 * 8).map((x) => 16 * x + 3),
					[3, 2, 8],
					'uint8',
				),
				build.constant([0.5, 2, 1, 0.1, 0.3, 0.7], [3, 2]),
				{ bits: 4, blockSize: 16, rounds: false },
			),
			{ digits: 3 },
		),
		'gatherBlocks of 4 bits': of(
			[],
			build.gatherBlocks(
				build.constant(
					counting(2 * 32).map((x) => 255 - 9 * x),
					[2, 32],
					'uint8',
				),
				build.constant([1, 0, 1], [3], 'int64'),
				build.constant([0.5, 2, 1, 0.1], [2, 2]),
				{ bits: 4, blockSize: 32 },
			),
		),
		'concat of a fixed and an open size': of([first, sequence, longer], build.multiply(led, longer), ledSizes),
		'concat of a fixed and an open size, as keys': of(
			[first, sequence, queries, ledScores],
			build.multiply(build.matmul(queries, led, { transposeB: true }), ledScores),
			ledSizes,
		),
		'concat of a fixed and an open size, as values': of(
			[first, sequence, ledScores],
			build.matmul(ledScores, led),
			ledSizes,
		),
		'rest of an open size': of([sequence], build.add(build.rest(sequence, 1, 'P', 3), build.sum(past, [1])), open),
		'slice of one at the end': of([box], build.slice(box, 2, 4, 5)),
		'slice of all': of([box], build.slice(box, 1, 0, 3)),
		'pad on one side': of([box], build.pad(box, 2, 0, 3)),
		'transpose of three axes': of([box], build.transpose(box, [1, 2, 0])),
		'transpose of five axes': of([box], build.transpose(build.reshape(box, ['B', 1, 3, 1, 5]), [0, 2, 3, 1, 4])),
		'reshape to fewer axes': of([box], build.reshape(box, ['15*B'])),
		'expand of a number': of([number], build.expand(number, [2, 3])),
		'expand of a vector': of([vector], build.expand(vector, [2, 1, 3])),
		'expand of a column': of([column], build.expand(column, ['B', 4])),
		'gatherRows by a grid': of([table], build.gatherRows(table, grid), { fixed: [grid], ...chosen }),
		'gatherRows of numbers': of([list], build.gatherRows(list, grid), { fixed: [grid], ...chosen }),
		'gatherRows of three axes': of([blocks], build.gatherRows(blocks, grid), {
			fixed: [grid],
			values: { grid: [1, 1, 0, 1] },
		}),
		'scatterAddRows by a grid': of([blocks, base], build.multiply(build.scatterAddRows(grid, blocks, 'R'), base), {
			fixed: [grid],
			names: { R: 6 },
			...chosen,
		}),
		'where of repeated operands': of(
			[number, column],
			build.where(build.lessOrEqual(row, scalarZero), number, column),
			{
				fixed: [row],
			},
		),
		'where, repeated condition': of([x, vector], build.where(build.lessOrEqual(one, scalarZero), x, vector), {
			fixed: [one],
		}),
		'a node used three times': of([x], build.multiply(build.multiply(x, x), build.sigmoid(x))),
		'steep activations': of([x], build.multiply(build.sigmoid(x), build.add(build.tanh(x), build.erf(x))), {
			values: { x: [-9, -3, 0, 3, 9, 1e-4] },
		}),
	};
	const binaries = { add: build.add, subtract: build.subtract, multiply: build.multiply, divide: build.divide };
	return [
		...Object.entries(named),
		...Object.entries(binaries).flatMap(([name, operation]) => broadcasts(name, operation)),
		...matrixProducts([], [2, 3, 5]),
		...matrixProducts([], [1, 1, 1]),
		...matrixProducts(['B', 3], [3, 1, 2]),
	];
})();

/** Turns a graph into an ONNX model. */
import { InternalError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { elementBytes } from '../graph/memory.ts';
import { type ElementType, type Node, type Operation, topologicalOrder } from '../graph/node.ts';
import type { Dimension, Shape } from '../graph/shape.ts';
import { type Emitter, emissionRules } from './emissionRules.ts';
import type { Attribute, InitializerProto, ModelProto, NodeProto, ValueProto } from './protobuf.ts';

/** Where a weight's bytes begin; the file's path is relative to the folder that the session is given. */
export interface WeightPlace {
	readonly location: string;
	readonly offset: number;
}

/** Returns the model that computes the named outputs. `place` says where a weight's bytes are. */
export function emitModel(
	outputs: Readonly<Record<string, Node>>,
	place: (weightName: string) => WeightPlace,
): ModelProto {
	return new ModelEmitter(place).model(outputs);
}

class ModelEmitter implements Emitter {
	readonly #nodes: NodeProto[] = [];
	readonly #initializers = new Map<string, InitializerProto>();
	readonly #inputs: ValueProto[] = [];
	readonly #names = new Map<Node, string>();
	readonly #sizeNames = new Map<string, string>();
	readonly #place: (weightName: string) => WeightPlace;
	#order: Node[] = [];

	constructor(place: (weightName: string) => WeightPlace) {
		this.#place = place;
	}

	model(outputs: Readonly<Record<string, Node>>): ModelProto {
		this.#order = topologicalOrder(Object.values(outputs));
		for (const node of this.#order) {
			const inputs = node.inputs.map((x) => this.#names.get(x) as string);
			// The row for `operation` takes exactly a node of that operation; TypeScript cannot pair the two.
			const rule = emissionRules[node.operation] as (e: Emitter, n: Node, i: readonly string[]) => string;
			this.#names.set(node, rule(this, node, inputs));
		}
		return {
			nodes: [...this.#nodes, ...this.#outputNodes(outputs)],
			initializers: [...this.#initializers.values()],
			inputs: this.#inputs,
			outputs: Object.entries(outputs).map(([name, { type, shape }]) => ({ name, type, shape })),
		};
	}

	node(
		type: string,
		inputs: readonly string[],
		attributes: Readonly<Record<string, Attribute>> = {},
		domain = '',
	): string {
		const output = `n${this.#nodes.length}`;
		this.#nodes.push({ type, domain, inputs, outputs: [output], attributes });
		return output;
	}

	integers(values: readonly number[]): string {
		const name = `i${values.join('_')}`;
		const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
		this.#initializers.set(name, { name, type: 'int64', sizes: [values.length], data });
		return name;
	}

	constant(values: readonly number[], shape: readonly number[], type: ElementType): string {
		const name = `${type} ${values.join()} [${shape.join()}]`;
		this.#initializers.set(name, { name, type, sizes: shape, data: constantBytes(values, type) });
		return name;
	}

	sizes(shape: Shape): string {
		const open = shape.filter((dimension) => typeof dimension === 'string');
		if (open.length === 0) return this.integers(shape.map(Number));
		const parts = shape.map((dimension) => this.#size(dimension));
		return this.node('Concat', parts, { axis: { int: 0 } });
	}

	declared(node: Node): string {
		if (isA(node, 'input')) {
			const { name, type, shape } = node.parameters;
			if (!this.#inputs.some((known) => known.name === name)) this.#inputs.push({ name, type, shape });
			return name;
		}
		if (isA(node, 'weight')) {
			return this.#weight(node);
		}
		return this.#constant(node as Node<'constant'>);
	}

	/** Rows lie one after the other, so some of them are a place of their own in the file. */
	#weight({ parameters: { name, type, shape, firstRow } }: Node<'weight'>): string {
		const sizes = shape.map(Number);
		const [rows = 1, ...rest] = sizes;
		const rowBytes = elementBytes[type] * rest.reduce((a, b) => a * b, 1);
		const { location, offset } = this.#place(name);
		const data = { location, offset: offset + firstRow * rowBytes, length: Math.ceil(rows * rowBytes) };
		const own = `${name} ${firstRow}+${sizes.join('x')} ${type}`;
		this.#initializers.set(own, { name: own, type, sizes, data });
		return own;
	}

	#constant(node: Node<'constant'>): string {
		const { values, shape, type } = node.parameters;
		const name = `c${this.#initializers.size}`;
		this.#initializers.set(name, { name, type, sizes: shape, data: constantBytes(values, type) });
		return name;
	}

	/** Returns a one-element int64 vector with the size of a dimension, read off the input that has it. */
	#size(dimension: Dimension): string {
		if (typeof dimension === 'number') return this.integers([dimension]);
		const known = this.#sizeNames.get(dimension);
		if (known !== undefined) return known;
		const parts = dimension.split('*');
		const name =
			parts.length > 1
				? parts
						.map((part) => this.#size(Number.isNaN(Number(part)) ? part : Number(part)))
						.reduce((a, b) => this.node('Mul', [a, b]))
				: this.#openSize(dimension);
		this.#sizeNames.set(dimension, name);
		return name;
	}

	#openSize(dimension: string): string {
		for (const node of this.#order) {
			const axis = isA(node, 'input') ? node.parameters.shape.indexOf(dimension) : -1;
			if (axis < 0) continue;
			const shape = this.node('Shape', [this.declared(node)]);
			return this.node('Slice', [shape, this.integers([axis]), this.integers([axis + 1])]);
		}
		throw new InternalError(`emit: no input has the dimension ${dimension}`);
	}

	/** ONNX wants each output under its own name. */
	#outputNodes(outputs: Readonly<Record<string, Node>>): NodeProto[] {
		return Object.entries(outputs).map(([name, node]) => ({
			type: 'Identity',
			domain: '',
			inputs: [this.#names.get(node) as string],
			outputs: [name],
			attributes: {},
		}));
	}
}

function isA<K extends Operation>(node: Node, operation: K): node is Node<K> {
	return node.operation === operation;
}

function constantBytes(values: readonly number[], type: string): Uint8Array {
	if (type === 'float32') return new Uint8Array(Float32Array.from(values).buffer);
	if (type === 'int64') return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
	if (type === 'bool' || type === 'uint8') return Uint8Array.from(values);
	if (type === 'uint4') return Uint8Array.from(pairs(values), ([low, high]) => low + 16 * high);
	throw new InternalError(`emit: constants of type ${type} are not used`);
}

function pairs(values: readonly number[]): [number, number][] {
	const even = values.length % 2 === 0 ? values : [...values, 0];
	return Array.from({ length: even.length / 2 }, (_, i) => [itemAt(even, 2 * i), itemAt(even, 2 * i + 1)]);
}

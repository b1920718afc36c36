/** The few messages of the ONNX protocol buffer that we write (onnx.proto3), as functions from values to bytes. */

export type Bytes = Uint8Array;

/** Numbers of `TensorProto.DataType`. */
export const dataTypes = {
	float32: 1,
	int64: 7,
	bool: 9,
	float16: 10,
	bfloat16: 16,
	uint8: 2,
	uint4: 21,
} as const;
export type DataType = keyof typeof dataTypes;

export type Attribute =
	| { readonly int: number }
	| { readonly ints: readonly number[] }
	| { readonly float: number }
	| { readonly text: string };

export interface NodeProto {
	readonly type: string;
	readonly domain: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A tensor with its bytes, or with the place of its bytes in a file. */
export interface InitializerProto {
	readonly name: string;
	readonly type: DataType;
	readonly sizes: readonly number[];
	readonly data: Bytes | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface ValueProto {
	readonly name: string;
	readonly type: DataType;
	readonly shape: readonly (number | string)[];
}

export interface ModelProto {
	readonly nodes: readonly NodeProto[];
	readonly initializers: readonly InitializerProto[];
	readonly inputs: readonly ValueProto[];
	readonly outputs: readonly ValueProto[];
}

/** Blocks of quantised weights need a later version of the standard. */
const plainVersions = { ir: 9, opset: 18 };
const blockVersions = { ir: 10, opset: 21 };

/** Returns the bytes of a model with the contributed operators of onnxruntime. */
export function encodeModel(model: ModelProto): Bytes {
	const versions = model.nodes.some(({ type }) => type === 'DequantizeLinear') ? blockVersions : plainVersions;
	const opset = (domain: string, version: number): Bytes => concat([text(1, domain), integer(2, version)]);
	const graph = concat([
		...model.nodes.map((node) => message(1, encodeNode(node))),
		text(2, 'graph'),
		...model.initializers.map((initializer) => message(5, encodeInitializer(initializer))),
		...model.inputs.map((value) => message(11, encodeValue(value))),
		...model.outputs.map((value) => message(12, encodeValue(value))),
	]);
	return concat([
		integer(1, versions.ir),
		text(2, 'llm-rationale'),
		message(7, graph),
		message(8, opset('', versions.opset)),
		message(8, opset('com.microsoft', 1)),
	]);
}

function encodeNode(node: NodeProto): Bytes {
	return concat([
		...node.inputs.map((name) => text(1, name)),
		...node.outputs.map((name) => text(2, name)),
		text(3, node.outputs.join()),
		text(4, node.type),
		...Object.entries(node.attributes).map(([name, value]) => message(5, encodeAttribute(name, value))),
		text(7, node.domain),
	]);
}

function encodeAttribute(name: string, value: Attribute): Bytes {
	if ('int' in value) return concat([text(1, name), integer(3, value.int), integer(20, 2)]);
	if ('float' in value) return concat([text(1, name), float(2, value.float), integer(20, 1)]);
	if ('text' in value) return concat([text(1, name), text(4, value.text), integer(20, 3)]);
	return concat([text(1, name), ...value.ints.map((item) => integer(8, item)), integer(20, 7)]);
}

function encodeInitializer({ name, type, sizes, data }: InitializerProto): Bytes {
	const entry = (key: string, value: string): Bytes => message(13, concat([text(1, key), text(2, value)]));
	const head = [...sizes.map((size) => integer(1, size)), integer(2, dataTypes[type]), text(8, name)];
	if (data instanceof Uint8Array) return concat([...head, message(9, data)]);
	return concat([
		...head,
		entry('location', data.location),
		entry('offset', String(data.offset)),
		entry('length', String(data.length)),
		integer(14, 1),
	]);
}

function encodeValue({ name, type, shape }: ValueProto): Bytes {
	const dimension = (size: number | string): Bytes => (typeof size === 'number' ? integer(1, size) : text(2, size));
	const dimensions = concat(shape.map((size) => message(1, dimension(size))));
	const tensor = concat([integer(1, dataTypes[type]), message(2, dimensions)]);
	return concat([text(1, name), message(2, message(1, tensor))]);
}

function varint(value: number | bigint): number[] {
	let rest = BigInt.asUintN(64, BigInt(value));
	const bytes: number[] = [];
	while (rest > 127n) {
		bytes.push(Number(rest & 127n) | 128);
		rest >>= 7n;
	}
	return [...bytes, Number(rest)];
}

const integer = (field: number, value: number): Bytes => Uint8Array.from([...varint(field * 8), ...varint(value)]);
const text = (field: number, value: string): Bytes => message(field, new TextEncoder().encode(value));

function float(field: number, value: number): Bytes {
	return concat([Uint8Array.from(varint(field * 8 + 5)), new Uint8Array(Float32Array.of(value).buffer)]);
}

function message(field: number, content: Bytes): Bytes {
	return concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

function concat(parts: readonly Bytes[]): Bytes {
	return new Uint8Array(Buffer.concat(parts));
}

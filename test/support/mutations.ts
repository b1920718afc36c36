/** Damaged copies of files, by a seed: what a broken download, a bad disk or a hostile author may give us. */
import type { Random } from '../../src/core/random.ts';

/** Values that readers tend to forget. */
const nastyValues: readonly unknown[] = [
	-1,
	0,
	1,
	2,
	1.5,
	1e9,
	2 ** 31,
	2 ** 53,
	2 ** 63,
	1e308,
	-1e308,
	1e-320,
	null,
	true,
	false,
	'',
	'F32',
	'BF16',
	'default',
	'llama3',
	'__proto__',
	'\u0000',
	'ä'.repeat(300),
	[],
	[0],
	[-1],
	[1, 2, 3],
	[2 ** 31, 2 ** 31],
	{},
	{ type: 'linear', factor: 0 },
	{ a: { a: { a: [] } } },
];

const nastyKeys = ['__proto__', 'constructor', '__metadata__', 'model_type', 'rope_scaling', 'dtype', 'shape', ''];

/** Returns the JSON text with one or two of its values, keys or bytes changed. */
export function mutateJson(text: string, random: Random): string {
	const value: unknown = JSON.parse(text);
	const times = 1 + random.integer(2);
	for (let i = 0; i < times; i++) mutateValue(value, random);
	const changed = JSON.stringify(value);
	return random.integer(10) < 3 ? mutateText(changed, random) : changed;
}

/** Returns bytes with some flipped, cut out, doubled or cut off. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
	const at = random.integer(bytes.length);
	const length = Math.min(1 + random.integer(16), bytes.length - at);
	switch (random.integer(4)) {
		case 0:
			return bytes.with(at, random.integer(256));
		case 1:
			return joined(bytes.subarray(0, at), bytes.subarray(at + length));
		case 2:
			return joined(bytes.subarray(0, at + length), bytes.subarray(at));
		default:
			return bytes.slice(0, at);
	}
}

/** Returns a safetensors file, 8 bytes of length, header and data, with its header or its length changed. */
export function mutateSafetensors(file: Uint8Array, random: Random): Uint8Array {
	const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
	const kind = random.integer(4);
	if (kind === 0) return mutateBytes(file, random);
	const header = new TextDecoder().decode(file.subarray(8, 8 + length));
	const changed = new TextEncoder().encode(mutateJson(header, random));
	const prefix = new Uint8Array(8);
	const lengths = [changed.length, length, 0, changed.length + 1, 2 ** 40, 2 ** 63, random.integer(2 ** 31)];
	const written = kind === 1 ? (lengths[random.integer(lengths.length)] as number) : changed.length;
	new DataView(prefix.buffer).setBigUint64(0, BigInt(written), true);
	return joined(prefix, changed, file.subarray(8 + length));
}

/** Returns a GGUF file with the numbers or bytes of its head changed; what follows the head stays. */
export function mutateGguf(file: Uint8Array, headLength: number, random: Random): Uint8Array {
	const head = Uint8Array.from(file.subarray(0, headLength));
	if (random.integer(2) === 0) return joined(mutateBytes(head, random), file.subarray(headLength));
	const counts = [0, 1, 2, 31, 33, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53, 2 ** 63, random.integer(1000)];
	const changed = head;
	const at = random.integer(headLength - 8);
	new DataView(changed.buffer).setBigUint64(at, BigInt(counts[random.integer(counts.length)] as number), true);
	return joined(changed, file.subarray(headLength));
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function mutateText(text: string, random: Random): string {
	return new TextDecoder().decode(mutateBytes(new TextEncoder().encode(text), random));
}

function mutateValue(value: unknown, random: Random): void {
	const [parent, key] = pick(value, random);
	const kind = random.integer(4);
	const nasty = structuredClone(nastyValues[random.integer(nastyValues.length)]);
	if (kind === 0) delete parent[key];
	else if (kind === 1) parent[nastyKeys[random.integer(nastyKeys.length)] as string] = nasty;
	else if (kind === 2 && typeof parent[key] === 'number') parent[key] += random.integer(9) - 4;
	else parent[key] = nasty;
}

/** Returns a random place in a JSON value. */
function pick(value: unknown, random: Random): [Record<string, unknown>, string] {
	let parent = value as Record<string, unknown>;
	for (;;) {
		const keys = Object.keys(parent);
		const key = keys[random.integer(keys.length)] ?? 'x';
		const child = parent[key];
		const isBranch = typeof child === 'object' && child !== null && Object.keys(child).length > 0;
		if (!isBranch || random.integer(5) === 0) return [parent, key];
		parent = child as Record<string, unknown>;
	}
}

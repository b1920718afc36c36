import {
	readAsFloat32,
	readSafetensorsHeader,
	readTensor,
	type TensorEntry,
} from '../../src/llm/weights/safetensors.ts';

/** How far one expected tensor is from ours. */
export interface Difference {
	readonly key: string;
	/**
	 * Largest absolute difference divided by max(1, largest expected absolute value): float32 itself is no closer
	 * (hidden states of fixtures/llama3 reach 83, and PyTorch's float32 is 1.03e-4 from its float64 there).
	 */
	readonly difference: number;
	readonly tolerance: number;
}

/** Returns the difference of `actual` from `expected`; a wrong length is infinitely far. */
export function compare(
	key: string,
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	tolerance: number,
): Difference {
	if (actual.length !== expected.length) return { key, difference: Infinity, tolerance };
	let difference = 0;
	let largest = 1;
	for (let i = 0; i < expected.length; i++) {
		const distance = Math.abs((actual[i] as number) - (expected[i] as number));
		difference = Number.isNaN(distance) ? Infinity : Math.max(difference, distance);
		largest = Math.max(largest, Math.abs(expected[i] as number));
	}
	return { key, difference: difference / largest, tolerance };
}

/** The tensors of a file by name. */
export interface Expected {
	readonly names: readonly string[];
	has(name: string): boolean;
	floats(name: string): Float32Array;
	integers(name: string): number[];
}

/** Returns readers for the tensors of a safetensors file. */
export function readExpected(file: string): Expected {
	const entries = new Map(readSafetensorsHeader(file).tensors.map((entry) => [entry.name, entry]));
	const entryOf = (name: string): TensorEntry => {
		const entry = entries.get(name);
		if (entry === undefined) throw new Error(`${file}: no tensor "${name}"`);
		return entry;
	};
	return {
		names: [...entries.keys()],
		has: (name) => entries.has(name),
		floats: (name) => readAsFloat32(entryOf(name)),
		integers: (name) => Array.from(readTensor(entryOf(name)), Number),
	};
}

/**
 * Weights with 8 or 4 bits. In blocks of 32 along the rows that share a scale: a block's number of largest magnitude is
 * met exactly: scale = m / -2^(bits-1), q = round(w / scale) + 2^(bits-1), clipped to the range (as llama.cpp's Q4_0).
 * Or by output, for products of whole numbers.
 */
import { itemAt } from '../../core/present.ts';
import type { Bits } from '../../engine/graph/blockWeights.ts';

export interface QuantisedMatrix {
	/** Row by row, `bits` bits per number, low bits first. */
	readonly numbers: Uint8Array<ArrayBuffer>;
	/** One per block. */
	readonly scales: Float32Array<ArrayBuffer>;
}

/** Weights that share a scale. */
export const blockSize = 32;

/** Whether rows are whole pairs of blocks. */
export function canQuantise(shape: readonly number[]): boolean {
	return itemAt(shape, 1) % (2 * blockSize) === 0;
}

/** Returns a matrix quantised; `values` are its rows one after the other, of a width that `canQuantise`. */
export function quantise(values: Float32Array, bits: Bits): QuantisedMatrix {
	const blocks = values.length / blockSize;
	const [half, largest] = [2 ** (bits - 1), 2 ** bits - 1];
	const numbers = new Uint8Array((values.length * bits) / 8);
	const scales = new Float32Array(blocks);
	for (let block = 0; block < blocks; block++) {
		const start = block * blockSize;
		const scale = Math.fround(extremeOf(values, start) / -half);
		scales[block] = scale;
		for (let i = start; i < start + blockSize; i++) {
			const q = scale === 0 ? half : Math.round((values[i] as number) / scale) + half;
			const clipped = Math.min(largest, Math.max(0, q));
			if (bits === 8) numbers[i] = clipped;
			else numbers[i >> 1] = (numbers[i >> 1] as number) | (clipped << (4 * (i & 1)));
		}
	}
	return { numbers, scales };
}

/** Returns so many numbers that stand for 0, packed. */
export function packedZeros(bits: Bits, count: number): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Math.ceil((count * bits) / 8)).fill(bits === 8 ? 128 : 0x88);
}

/** Returns the number of largest magnitude of a block, with its sign. */
function extremeOf(values: Float32Array, start: number): number {
	let extreme = 0;
	for (let i = start; i < start + blockSize; i++) {
		if (Math.abs(values[i] as number) > Math.abs(extreme)) extreme = values[i] as number;
	}
	return extreme;
}

/** A matrix in whole numbers, each of whose outputs has a step of its own. */
export interface Int8Matrix {
	/** [in, out], -127 to 127 around 128. */
	readonly numbers: Uint8Array<ArrayBuffer>;
	/** [out]. */
	readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Returns a matrix rounded to 8 bits, q = 128 + round(w / scale) with scale = max |w| / 127 over the weights of an output.
 * `values` are stored [out, in] where `outputsFirst`, else [in, out].
 */
export function int8ByOutput(
	values: Float32Array,
	{ inputs, outputs, outputsFirst }: { inputs: number; outputs: number; outputsFirst: boolean },
): Int8Matrix {
	const place = (input: number, output: number): number =>
		outputsFirst ? output * inputs + input : input * outputs + output;
	const numbers = new Uint8Array(inputs * outputs).fill(128);
	const scales = new Float32Array(outputs);
	for (let output = 0; output < outputs; output++) {
		let largest = 0;
		for (let input = 0; input < inputs; input++)
			largest = Math.max(largest, Math.abs(values[place(input, output)] as number));
		const scale = Math.fround(largest / 127);
		scales[output] = scale;
		if (scale === 0) continue;
		for (let input = 0; input < inputs; input++)
			numbers[input * outputs + output] = 128 + Math.round((values[place(input, output)] as number) / scale);
	}
	return { numbers, scales };
}

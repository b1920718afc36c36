/**
 * Weights with 8 or 4 bits, in blocks of 32 along the rows that share a scale. A block's number of largest magnitude is
 * met exactly: scale = m / -2^(bits-1), q = round(w / scale) + 2^(bits-1), clipped to the range (as llama.cpp's Q4_0).
 */
import { type Bits, blockSize } from '../../engine/graph/weightUse.ts';

export interface QuantisedMatrix {
	/** Row by row, `bits` bits per number, low bits first. */
	readonly numbers: Uint8Array<ArrayBuffer>;
	/** One per block, as are `zeros`, packed like the numbers. */
	readonly scales: Float32Array<ArrayBuffer>;
	readonly zeros: Uint8Array<ArrayBuffer>;
}

/** Rows and blocks of zeros must fill whole bytes. */
export function canQuantise([, width = 0]: readonly number[]): boolean {
	return width % (2 * blockSize) === 0;
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
	const zeros = new Uint8Array((blocks * bits) / 8).fill(bits === 8 ? 128 : 0x88);
	return { numbers, scales, zeros };
}

/** Returns the number of largest magnitude of a block, with its sign. */
function extremeOf(values: Float32Array, start: number): number {
	let extreme = 0;
	for (let i = start; i < start + blockSize; i++) {
		if (Math.abs(values[i] as number) > Math.abs(extreme)) extreme = values[i] as number;
	}
	return extreme;
}

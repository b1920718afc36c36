/** How the numbers of a GGUF file differ from those of the Hugging Face layout, and the way back. */
import { itemAt } from '../../core/present.ts';

export type StoredChange =
	/** Rows of query and key heads lie with the two halves of a rotary pair side by side: row 2j + p of a head is row p K/2 + j. */
	| { readonly kind: 'rotaryPairs'; readonly heads: number }
	/** Rows of all queries, then all keys, then all values, where the layout has the three kinds head by head. */
	| { readonly kind: 'headsByKind'; readonly heads: number }
	/** [out, in] where the layout has [in, out]. */
	| { readonly kind: 'transposed' }
	/** Norms whose weights are stored with the 1 that the network adds to them. */
	| { readonly kind: 'plusOne' };

/** Returns numbers as the Hugging Face layout has them, of that shape. */
export function undone(
	values: Float32Array<ArrayBuffer>,
	shape: readonly number[],
	change: StoredChange,
): Float32Array<ArrayBuffer> {
	switch (change.kind) {
		case 'rotaryPairs':
			return halvesApart(values, shape, change.heads);
		case 'headsByKind':
			return headByHead(values, change.heads);
		case 'transposed':
			return transposed(values, shape);
		case 'plusOne':
			return values.map((value) => value - 1);
	}
}

/** Source: `permute` of llama.cpp's converter for Llama, reversed. */
function halvesApart(
	values: Float32Array<ArrayBuffer>,
	shape: readonly number[],
	heads: number,
): Float32Array<ArrayBuffer> {
	const rows = itemAt(shape, 0);
	const width = values.length / rows;
	const half = rows / heads / 2;
	const result = new Float32Array(values.length);
	for (let head = 0; head < heads; head++) {
		for (let pair = 0; pair < half; pair++) {
			for (const part of [0, 1]) {
				const from = (2 * half * head + 2 * pair + part) * width;
				result.set(values.subarray(from, from + width), (2 * half * head + part * half + pair) * width);
			}
		}
	}
	return result;
}

/** Source: `modify_tensors` of llama.cpp's converter for GPT-NeoX, reversed. */
function headByHead(values: Float32Array<ArrayBuffer>, heads: number): Float32Array<ArrayBuffer> {
	const size = values.length / 3 / heads;
	const result = new Float32Array(values.length);
	for (let head = 0; head < heads; head++) {
		for (const kind of [0, 1, 2]) {
			const from = (kind * heads + head) * size;
			result.set(values.subarray(from, from + size), (3 * head + kind) * size);
		}
	}
	return result;
}

function transposed(values: Float32Array<ArrayBuffer>, shape: readonly number[]): Float32Array<ArrayBuffer> {
	const [rows, columns] = [itemAt(shape, 0), itemAt(shape, 1)];
	const result = new Float32Array(values.length);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			result[row * columns + column] = values[column * rows + row] as number;
		}
	}
	return result;
}

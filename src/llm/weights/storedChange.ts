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

/**
 * Returns for each row of the Hugging Face layout the stored one that it is; undefined for a change that is no new order of
 * rows.
 */
export function rowOrder(rows: number, change: StoredChange): Int32Array | undefined {
	if (change.kind === 'rotaryPairs') return halvesApart(rows, change.heads);
	return change.kind === 'headsByKind' ? headByHead(rows, change.heads) : undefined;
}

/** Returns numbers as the Hugging Face layout has them, of that shape. */
export function undone(
	values: Float32Array<ArrayBuffer>,
	shape: readonly number[],
	change: StoredChange,
): Float32Array<ArrayBuffer> {
	if (change.kind === 'transposed') return transposed(values, shape);
	if (change.kind === 'plusOne') return values.map((value) => value - 1);
	const [rows = 1] = shape;
	return inOrder(values, rows, rowOrder(rows, change) ?? new Int32Array());
}

function inOrder(values: Float32Array<ArrayBuffer>, rows: number, order: Int32Array): Float32Array<ArrayBuffer> {
	const width = values.length / rows;
	const result = new Float32Array(values.length);
	for (const [row, stored] of order.entries())
		result.set(values.subarray(stored * width, (stored + 1) * width), row * width);
	return result;
}

/** Source: `permute` of llama.cpp's converter for Llama, reversed. */
function halvesApart(rows: number, heads: number): Int32Array {
	const half = rows / heads / 2;
	return Int32Array.from({ length: rows }, (_, row) => {
		const [head, within] = [Math.floor(row / (2 * half)), row % (2 * half)];
		return 2 * half * head + 2 * (within % half) + Math.floor(within / half);
	});
}

/** Source: `modify_tensors` of llama.cpp's converter for GPT-NeoX, reversed. */
function headByHead(rows: number, heads: number): Int32Array {
	const size = rows / 3 / heads;
	return Int32Array.from({ length: rows }, (_, row) => {
		const [part, within] = [Math.floor(row / size), row % size];
		return ((part % 3) * heads + Math.floor(part / 3)) * size + within;
	});
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

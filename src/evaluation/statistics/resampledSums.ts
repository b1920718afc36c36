import { itemAt } from '../../core/present.ts';
import type { Resample } from './resample.ts';

/** Columns that are added up in one go: their values of an example lie side by side, and their sums do not wait for each other. */
const together = 8;

/**
 * Returns the sums of every column over the resamples 0 to `resamples` - 1, each in the order of the draw: the same
 * numbers, to the last bit, as one column after the other.
 */
export function resampledSums(
	columns: readonly Float64Array[],
	draw: (k: number) => Resample,
	resamples: number,
): Float64Array[] {
	const sums = columns.map(() => new Float64Array(resamples));
	const wide = columns.length < 2 ? 0 : columns.length;
	const tables = Array.from({ length: Math.ceil(wide / together) }, (_, i) => sideBySide(columns, i * together));
	const targets = tables.map((_, i) => targetsOf(sums, i * together, resamples));
	for (let k = 0; k < resamples; k++) {
		const indexes = draw(k);
		if (wide === 0 && columns[0] !== undefined && sums[0] !== undefined) sums[0][k] = sumAt(columns[0], indexes);
		for (let i = 0; i < tables.length; i++) {
			addUp(tables[i] as Float64Array, indexes, targets[i] as readonly Float64Array[], k);
		}
	}
	return sums;
}

/** Returns the sum of the values at the indexes, in their order. */
export function sumAt(column: Float64Array, indexes: Resample): number {
	let sum = 0;
	for (let i = 0; i < indexes.length; i++) sum += column[indexes[i] as number] as number;
	return sum;
}

function sideBySide(columns: readonly Float64Array[], first: number): Float64Array {
	const n = itemAt(columns, first).length;
	const table = new Float64Array(n * together);
	for (let c = 0; c < together; c++) {
		const column = columns[first + c];
		if (column !== undefined) for (let i = 0; i < n; i++) table[i * together + c] = column[i] as number;
	}
	return table;
}

/** Where fewer columns than eight are left, the sums of none go nowhere. */
function targetsOf(sums: readonly Float64Array[], first: number, resamples: number): Float64Array[] {
	const nowhere = new Float64Array(resamples);
	return Array.from({ length: together }, (_, c) => sums[first + c] ?? nowhere);
}

/** Written out: a loop over the columns would hold their sums in memory, which takes twice as long. */
function addUp(table: Float64Array, indexes: Resample, targets: readonly Float64Array[], k: number): void {
	let a = 0;
	let b = 0;
	let c = 0;
	let d = 0;
	let e = 0;
	let f = 0;
	let g = 0;
	let h = 0;
	for (let i = 0; i < indexes.length; i++) {
		const at = (indexes[i] as number) * together;
		a += table[at] as number;
		b += table[at + 1] as number;
		c += table[at + 2] as number;
		d += table[at + 3] as number;
		e += table[at + 4] as number;
		f += table[at + 5] as number;
		g += table[at + 6] as number;
		h += table[at + 7] as number;
	}
	(targets[0] as Float64Array)[k] = a;
	(targets[1] as Float64Array)[k] = b;
	(targets[2] as Float64Array)[k] = c;
	(targets[3] as Float64Array)[k] = d;
	(targets[4] as Float64Array)[k] = e;
	(targets[5] as Float64Array)[k] = f;
	(targets[6] as Float64Array)[k] = g;
	(targets[7] as Float64Array)[k] = h;
}

/** Sums over resamples that are kept: equal columns are added up once, whoever asks. */
import type { Resample } from './resample.ts';
import { resampledSums } from './resampledSums.ts';

export interface SummedResamples {
	readonly seed: number | string;
	readonly resamples: number;
	readonly draw: (k: number) => Resample;
}

/** Returns the sums of every column over the resamples, as `resampledSums` does. */
export type SharedSums = (columns: readonly Float64Array[], over: SummedResamples) => readonly Float64Array[];

/** Numbers that are held before all are dropped, 8 bytes each. */
const heldNumbers = 4_000_000;

interface Kept {
	readonly column: Float64Array;
	readonly sums: Float64Array;
}

/**
 * Returns sums that are kept for the next metric: many count the same words, and methods are compared by the figures that
 * they were given. They take up to 32 MB beside what is asked for at once.
 */
export function sharedSums(): SharedSums {
	const kept = new Map<string, Kept[]>();
	let held = 0;
	return (columns, { seed, resamples, draw }) => {
		if (held > heldNumbers) {
			kept.clear();
			held = 0;
		}
		const fresh: Kept[] = [];
		const found = columns.map((column) => {
			const key = `${seed} ${resamples} ${column.length} ${fingerprint(column)}`;
			const alike = kept.get(key) ?? [];
			const known = alike.find((own) => isSame(own.column, column));
			if (known !== undefined) return known;
			const own = { column, sums: new Float64Array(resamples) };
			kept.set(key, [...alike, own]);
			fresh.push(own);
			held += column.length + resamples;
			return own;
		});
		const added = resampledSums(
			fresh.map(({ column }) => column),
			draw,
			resamples,
		);
		for (const [i, own] of fresh.entries()) own.sums.set(added[i] as Float64Array);
		return found.map(({ sums }) => sums);
	};
}

/** Equal columns have equal ones. */
function fingerprint(column: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < column.length; i++) sum = sum * 0.999 + (column[i] as number);
	return sum;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
	for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
	return true;
}

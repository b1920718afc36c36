/** What each of many examples adds to a metric, as columns: worked out once for every subset of them and every comparison. */
import { InternalError } from '../core/errors.ts';
import { itemAt, widthOf } from '../core/present.ts';
import type { Combined, Metric, Summand } from './metric.ts';

export interface Summands {
	readonly metric: Combined;
	/** How many examples there are. */
	readonly count: number;
	/** `[amounts][examples]`; 0 where an example adds nothing. */
	readonly amounts: readonly Float64Array[];
	/** Why an example adds nothing, null where it adds something; empty where all do. */
	readonly missing: readonly (string | null)[];
	/** What chance adds in the place of those that add something, `[amounts][examples]`. */
	readonly expected: readonly Float64Array[];
	/** Examples for which chance cannot be told, though they add something. */
	readonly withoutChance: ReadonlySet<number>;
}

/** Returns what the items add. Throws `InternalError` when they add different numbers of amounts. */
export function summandsOf<Item>(metric: Metric<Item>, items: readonly Item[]): Summands {
	const { declaration } = metric;
	const [amounts, expected] = [growing(declaration.id, items.length), growing(declaration.id, items.length)];
	const missing: (string | null)[] = [];
	const withoutChance = new Set<number>();
	for (const [i, item] of items.entries()) {
		const reason = amounts.put(i, metric.summand(item));
		if (reason !== null) {
			while (missing.length < i) missing.push(null);
			missing.push(reason);
		} else if (expected.put(i, metric.expected(item)) !== null) withoutChance.add(i);
	}
	if (missing.length > 0) while (missing.length < items.length) missing.push(null);
	const columns = { amounts: amounts.columns, expected: expected.columns };
	return { metric, count: items.length, ...columns, missing, withoutChance };
}

/** Returns the examples, of those at `rows`, that add something; null stands for all examples. */
export function presentRows({ count, missing }: Summands, rows: Uint32Array | null): Uint32Array {
	const among = rows ?? Uint32Array.from({ length: count }, (_, i) => i);
	return missing.length === 0 ? among : among.filter((i) => itemAt(missing, i) === null);
}

/** Returns the columns at these examples; the columns themselves where these are all. */
export function columnsAt(columns: readonly Float64Array[], rows: Uint32Array): readonly Float64Array[] {
	if (rows.length === widthOf(columns)) return columns;
	return columns.map((column) => {
		const own = new Float64Array(rows.length);
		for (let i = 0; i < rows.length; i++) own[i] = column[rows[i] as number] as number;
		return own;
	});
}

/** Columns whose number is that of the first summand. */
function growing(id: string, count: number) {
	const columns: Float64Array[] = [];
	let width: number | null = null;
	return {
		columns,
		/** Returns why there is nothing to put, null where there is. */
		put: (i: number, summand: Summand): string | null => {
			if ('missing' in summand) return summand.missing;
			const { amounts } = summand;
			if (width === null) {
				width = amounts.length;
				for (let column = 0; column < width; column++) columns.push(new Float64Array(count));
			}
			if (amounts.length !== width) throw new InternalError(`${id}: examples of different tasks were mixed`);
			for (let column = 0; column < width; column++) (columns[column] as Float64Array)[i] = amounts[column] as number;
			return null;
		},
	};
}

import { InternalError } from '../core/errors.ts';
import { itemAt } from '../core/present.ts';
import type { MetricTable } from './resampledMetrics.ts';
import { columnsAt, type Summands } from './summands.ts';

/** Two sides of a comparison over the examples on which both have a value. */
export interface Pair {
	readonly first: MetricTable;
	readonly second: MetricTable;
	/** Examples on which one or both have none. */
	readonly missing: number;
}

/**
 * Returns every two of the members, the first with the second, with the third and so on. Pairs over the same examples
 * share a member's table, so that what is computed from it is computed once. Throws `InternalError` when members differ in
 * length.
 */
export function pairUp(members: readonly Summands[]): Pair[] {
	const [first] = members;
	const total = first?.count ?? 0;
	const odd = members.find(({ count }) => count !== total);
	if (odd !== undefined) throw new InternalError(`${total} and ${odd.count} paired examples`);
	const patterns = patternsOf(members);
	const tables = new Map<string, MetricTable>();
	const tableOf = (member: number, pattern: number): MetricTable => {
		const key = `${member} ${pattern}`;
		const { metric, amounts } = itemAt(members, member);
		const rows = patterns.rowsOf(pattern);
		const table = tables.get(key) ?? { metric, columns: { n: rows.length, columns: columnsAt(amounts, rows) } };
		tables.set(key, table);
		return table;
	};
	return members.flatMap((_, i) =>
		members.slice(i + 1).map((_, k) => {
			const pattern = patterns.shared(i, i + 1 + k);
			const [first, second] = [tableOf(i, pattern), tableOf(i + 1 + k, pattern)];
			return { first, second, missing: total - first.columns.n };
		}),
	);
}

/** Which examples two members share, by number; equal patterns have one number. */
function patternsOf(all: readonly Summands[]) {
	const known: { readonly pattern: string; readonly rows: Uint32Array }[] = [];
	const [first] = all;
	const numberOf = (has: (example: number) => boolean): number => {
		const rows = Uint32Array.from({ length: first?.count ?? 0 }, (_, i) => i).filter(has);
		const pattern = rows.join();
		const number = known.findIndex((own) => own.pattern === pattern);
		return number >= 0 ? number : known.push({ pattern, rows }) - 1;
	};
	const hasAll = all.some(({ missing }) => missing.length === 0) ? numberOf(() => true) : -1;
	const own = all.map(({ missing }) => (missing.length === 0 ? hasAll : numberOf((i) => missing[i] == null)));
	const shared = new Map<string, number>();
	return {
		rowsOf: (number: number): Uint32Array => itemAt(known, number).rows,
		shared: (one: number, other: number): number => {
			const [a, b] = [itemAt(own, one), itemAt(own, other)];
			if (a === b) return a;
			const key = `${a} ${b}`;
			const found = shared.get(key) ?? numberOf(bothOf(itemAt(known, a).rows, itemAt(known, b).rows));
			shared.set(key, found);
			return found;
		},
	};
}

function bothOf(first: Uint32Array, second: Uint32Array): (example: number) => boolean {
	const [one, other] = [new Set(first), new Set(second)];
	return (example) => one.has(example) && other.has(example);
}

import { InternalError } from '../core/errors.ts';
import { itemAt, widthOf } from '../core/present.ts';
import { columnsOf, type Metric } from './metric.ts';
import type { MetricTable } from './resampledMetrics.ts';

/** Two sides of a comparison over the examples on which both have a value. */
export interface Pair<Item> {
	readonly first: MetricTable<Item>;
	readonly second: MetricTable<Item>;
	/** Examples on which one or both have none. */
	readonly missing: number;
}

/**
 * Returns every two of the members, the first with the second, with the third and so on. Pairs over the same examples
 * share a member's table, so that what is computed from it is computed once. Throws `InternalError` when members differ in
 * length.
 */
export function pairUp<Item>(metric: Metric<Item>, members: readonly (readonly Item[])[]): Pair<Item>[] {
	const all = members.map((items) => rowsOf(metric, items));
	const total = widthOf(members);
	const odd = members.find(({ length }) => length !== total);
	if (odd !== undefined) throw new InternalError(`${total} and ${odd.length} paired examples`);
	const patterns = patternsOf(all);
	const tables = new Map<string, MetricTable<Item>>();
	const tableOf = (member: number, pattern: number): MetricTable<Item> => {
		const key = `${member} ${pattern}`;
		const known = tables.get(key);
		if (known !== undefined) return known;
		const rows = itemAt(all, member);
		const kept = rows.filter((row, i): row is readonly number[] => row !== null && patterns.has(pattern, i));
		const table = { metric, columns: columnsOf(metric, kept) };
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

type Row = readonly number[] | null;

function rowsOf<Item>(metric: Metric<Item>, items: readonly Item[]): Row[] {
	return items.map((item) => {
		const summand = metric.summand(item);
		return 'missing' in summand ? null : summand.amounts;
	});
}

/** Which examples two members share, by number; equal patterns have one number. */
function patternsOf(all: readonly (readonly Row[])[]) {
	const known: string[] = [];
	const numberOf = (pattern: string): number => {
		const number = known.indexOf(pattern);
		return number >= 0 ? number : known.push(pattern) - 1;
	};
	const own = all.map((rows) => numberOf(rows.map((row) => (row === null ? '-' : '+')).join('')));
	const shared = new Map<string, number>();
	const both = (first: string, second: string): string =>
		Array.from({ length: first.length }, (_, i) => (first[i] === '+' && second[i] === '+' ? '+' : '-')).join('');
	return {
		has: (pattern: number, example: number): boolean => known[pattern]?.[example] === '+',
		shared: (first: number, second: number): number => {
			const [a, b] = [itemAt(own, first), itemAt(own, second)];
			if (a === b) return a;
			const found = shared.get(`${a} ${b}`) ?? numberOf(both(itemAt(known, a), itemAt(known, b)));
			shared.set(`${a} ${b}`, found);
			return found;
		},
	};
}

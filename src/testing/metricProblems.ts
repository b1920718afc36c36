/** What every metric promises, whatever it measures. */
import { itemAt } from '../core/present.ts';
import { hasValue, type Score } from '../core/score.ts';
import type { Metric, Summand } from '../evaluation/metric.ts';

/** Sums in another order may differ in their last digits. */
const rounding = 1e-9;

/**
 * Returns in words which promises a metric breaks on these examples; none for a sound one. Amounts are finite and equally
 * many, what is missing says why, value and chance lie in the declared range, and the order of examples does not matter.
 */
export function metricProblems<Item>(metric: Metric<Item>, items: readonly Item[]): string[] {
	const { declaration } = metric;
	const own = items.map(metric.summand);
	const expected = items.map(metric.expected);
	return [
		...own.flatMap((summand, i) => summandProblems(summand, `example ${i}`)),
		...expected.flatMap((summand, i) => summandProblems(summand, `example ${i}, by chance`)),
		...widthProblems([...own, ...expected]),
		...rangeProblems(valueOf(metric, own), declaration.range, 'the value'),
		...rangeProblems(valueOf(metric, expected), declaration.range, 'the chance level'),
		...orderProblems(valueOf(metric, own), valueOf(metric, own.toReversed())),
		...(declaration.source.trim() === '' ? ['names no source'] : []),
		...(declaration.title.trim() === '' ? ['has no title'] : []),
	];
}

/** Returns the metric of the examples that add something. */
function valueOf<Item>(metric: Metric<Item>, summands: readonly Summand[]): Score {
	const rows = summands.flatMap((summand) => ('amounts' in summand ? [summand.amounts] : []));
	const [first] = rows;
	if (first === undefined) return { missing: 'no example adds anything' };
	if (rows.some(({ length }) => length !== first.length))
		return { missing: 'examples add different numbers of amounts' };
	const sums = first.map((_, column) => rows.reduce((sum, row) => sum + itemAt(row, column), 0));
	return metric.combine(sums, rows.length);
}

function summandProblems(summand: Summand, place: string): string[] {
	if ('missing' in summand) return summand.missing.trim() === '' ? [`${place}: missing without a reason`] : [];
	return summand.amounts.every(Number.isFinite) ? [] : [`${place}: an amount is no number`];
}

function widthProblems(summands: readonly Summand[]): string[] {
	const widths = new Set(summands.flatMap((summand) => ('amounts' in summand ? [summand.amounts.length] : [])));
	return widths.size <= 1 ? [] : [`examples add different numbers of amounts: ${[...widths].join(', ')}`];
}

function rangeProblems(score: Score, [low, high]: readonly [number, number], what: string): string[] {
	if (!hasValue(score)) return [];
	const isInside = score.value >= low - rounding && score.value <= high + rounding;
	return isInside ? [] : [`${what} ${score.value} lies outside the declared range from ${low} to ${high}`];
}

function orderProblems(a: Score, b: Score): string[] {
	if (!hasValue(a) || !hasValue(b)) return hasValue(a) === hasValue(b) ? [] : ['the order of examples decides'];
	return Math.abs(a.value - b.value) <= rounding * Math.max(1, Math.abs(a.value))
		? []
		: ['the order of examples decides'];
}

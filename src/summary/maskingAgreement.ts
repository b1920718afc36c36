/** Whether two ways of masking put the methods in the same order. */
import { groupBy } from '../core/groupBy.ts';
import { itemAt } from '../core/present.ts';
import { hasValue } from '../core/score.ts';
import { kendallTauB } from '../evaluation/statistics/kendall.ts';
import type { MaskingAgreement, SummaryRow } from '../records/summaryRows.ts';

/**
 * Returns for every two maskings Kendall's tau-b between the methods' values over all examples, for each setting, metric
 * and selection with rows under both (docs/methods.md E.9). Methods without a value under both are left out; null where
 * fewer than two are left, or all are equal.
 */
export function maskingAgreement(rows: readonly SummaryRow[], maskings: readonly string[]): MaskingAgreement[] {
	// Curves are asked for under one masking.
	const compared = rows.filter(
		({ masking, subset, share }) => masking !== null && subset === 'all' && share === undefined,
	);
	const groups = groupBy(compared, ({ model, dataset, split, epoch, metric, selection }) =>
		JSON.stringify([model, dataset, split, epoch, metric, selection]),
	);
	return [...groups.values()].flatMap((group) => pairsOf(maskings).map((pair) => agreementOf(group, pair)));
}

function agreementOf(group: readonly SummaryRow[], [first, second]: readonly [string, string]): MaskingAgreement {
	const valueUnder = (masking: string, method: string | null): number | null =>
		group.find((row) => row.masking === masking && row.method === method)?.value ?? null;
	const pairs = [...new Set(group.map(({ method }) => method))].flatMap((method) => {
		const [a, b] = [valueUnder(first, method), valueUnder(second, method)];
		return a === null || b === null ? [] : [[a, b] as const];
	});
	const tau = kendallTauB(
		pairs.map(([a]) => a),
		pairs.map(([, b]) => b),
	);
	const { model, dataset, split, epoch, metric, selection } = itemAt(group, 0);
	return {
		model,
		dataset,
		split,
		epoch,
		metric,
		selection,
		first,
		second,
		tau: hasValue(tau) ? tau.value : null,
		n: pairs.length,
		note: hasValue(tau) ? null : tau.missing,
	};
}

function pairsOf(maskings: readonly string[]): [string, string][] {
	return maskings.flatMap((first, i) => maskings.slice(i + 1).map((second): [string, string] => [first, second]));
}

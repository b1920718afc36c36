/** Paired tests between the methods of a setting: every two that can be compared, metric by metric. */
import { itemAt } from '../core/present.ts';
import type { Verdict } from '../evaluation/collapse.ts';
import { compareSummands, type Comparison, type ComparisonOptions, noComparison } from '../evaluation/compare.ts';
import { embeddingMasking, type MeasureId, probabilityMetrics } from '../evaluation/faithfulness/measures.ts';
import type { Metric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import { isCorrupted } from './metaEvaluation.ts';
import {
	alignedExamples,
	maskedExamples,
	maskedProbabilities,
	type SettingRecords,
	summandsIn,
} from './metricItems.ts';
import type { Summands } from '../evaluation/summands.ts';
import type { SummaryComparison } from '../records/summaryRows.ts';

/** A setting, and what there is to compare in it. */
export interface ComparedSetting {
	readonly place: Pick<SummaryComparison, 'model' | 'dataset' | 'split' | 'epoch'>;
	readonly records: SettingRecords;
	/** The rationales there are, in the order of the study; `selection` null for scores. */
	readonly choices: readonly { readonly method: MethodId; readonly selection: string | null }[];
	/** With whether flips mean anything under each. */
	readonly maskings: readonly { readonly id: string; readonly verdict: Verdict }[];
	/** What is asked about faithfulness. */
	readonly measures: readonly MeasureId[];
	readonly resampling: ComparisonOptions;
}

/** Metrics that compare the chosen words with the human ones, and the scores. */
const aligned = {
	chosen: [metrics.alignment['token_f1.macro']],
	scored: [metrics.alignment.average_precision],
} as const;

/** Metrics that compare what masking the chosen words does. */
const masked = [metrics.faithfulness.flip_rate, metrics.faithfulness['flip_rate.excess']] as const;

/**
 * Returns the comparison of every two methods under the same selection and masking, over all examples. The pairs of one
 * metric, selection and masking are one family of tests for Holm's correction.
 */
export function compareMethods(setting: ComparedSetting): SummaryComparison[] {
	const selections = [...new Set(setting.choices.map(({ selection }) => selection))];
	return selections.flatMap((selection) => [
		...alignmentFamilies(setting, selection),
		...setting.maskings.flatMap((masking) => faithfulnessFamilies(setting, selection, masking)),
	]);
}

/** The human rationale is what alignment compares with: it takes no part. */
function alignmentFamilies(setting: ComparedSetting, selection: string | null): SummaryComparison[] {
	const able = methodsWith(setting, selection).filter((method) => methods[method].declaration.needs !== 'annotations');
	const metricsOf = selection === null ? aligned.scored : aligned.chosen;
	return familiesOf(setting, { selection, masking: null, note: null }, able, metricsOf, (method) =>
		alignedExamples(setting.records, method, selection, 'all'),
	);
}

function faithfulnessFamilies(
	setting: ComparedSetting,
	selection: string | null,
	{ id: masking, verdict }: ComparedSetting['maskings'][number],
): SummaryComparison[] {
	const able = methodsWith(setting, selection);
	const note = verdict.level === 'not evaluable' ? `not evaluable: ${verdict.reasons.join('; ')}` : null;
	const families = <Item>(list: readonly Metric<Item>[], itemsOf: (method: MethodId) => readonly Item[]) =>
		familiesOf(setting, { selection, masking, note }, able, list, itemsOf);
	const hasFlips = selection !== null && masking !== embeddingMasking && setting.measures.includes('flip_rate');
	const flips = hasFlips ? masked : [];
	return [
		...(selection === null
			? []
			: families(flips, (method) => maskedExamples(setting.records, method, selection, masking, 'all'))),
		...families(probabilityMetrics(setting.measures, masking, selection === null ? 'scores' : 'chosen'), (method) =>
			maskedProbabilities(setting.records, method, selection, masking, 'all'),
		),
	];
}

function methodsWith({ choices }: ComparedSetting, selection: string | null): MethodId[] {
	return choices
		.filter((choice) => choice.selection === selection && !isCorrupted(choice.method))
		.map(({ method }) => method);
}

interface FamilyKey {
	readonly selection: string | null;
	readonly masking: string | null;
	/** Why no number can be given, null where it can. */
	readonly note: string | null;
}

/** Returns the comparisons of the methods by each metric, family by family. */
function familiesOf<Item>(
	setting: ComparedSetting,
	key: FamilyKey,
	able: readonly MethodId[],
	list: readonly Metric<Item>[],
	itemsOf: (method: MethodId) => readonly Item[],
): SummaryComparison[] {
	const all = able.map((method) => ({
		method,
		summands: summandsIn(setting.records, { method, ...key }, list, () => itemsOf(method)),
	}));
	return list.flatMap((metric, i) => {
		const members = all.map(({ method, summands }) => ({ method, summands: summands[i] as Summands }));
		return familyOf(setting, { ...key, metric: metric.declaration.id, members });
	});
}

interface Family extends FamilyKey {
	readonly metric: string;
	readonly members: readonly { readonly method: string; readonly summands: Summands }[];
}

function familyOf(
	setting: ComparedSetting,
	{ metric, selection, masking, members, note }: Family,
): SummaryComparison[] {
	const skipped = setting.records.skipped.length;
	const pairs = members.flatMap((first, i) => members.slice(i + 1).map((second) => ({ first, second })));
	const compared =
		note === null
			? compareSummands(
					members.map(({ summands }) => summands),
					setting.resampling,
				)
			: pairs.map(({ first }) => noComparison(first.summands.count));
	const adjusted = holmWhereTested(compared);
	const { model, dataset, split, epoch } = setting.place;
	// Written out: there are tens of thousands of these, and what is spread is slow to make.
	return pairs.map(({ first, second }, i): SummaryComparison => {
		const found = itemAt(compared, i);
		return {
			model,
			dataset,
			split,
			epoch,
			selection,
			subset: 'all',
			metric,
			masking,
			first: first.method,
			second: second.method,
			difference: found.difference,
			ci95: found.ci95,
			p: found.p,
			pHolm: itemAt(adjusted, i),
			flips: found.flips,
			smallestP: found.smallestP,
			effectSize: found.effectSize,
			needed: found.needed,
			n: found.n,
			missing: found.missing + skipped,
			note: note ?? (found.n === 0 ? 'no example has a value for both' : null),
		};
	});
}

/** Returns each p as Holm's correction changes it; null where there is none. */
function holmWhereTested(found: readonly Comparison[]): (number | null)[] {
	const adjusted = holm(found.flatMap(({ p }) => p ?? []));
	let next = 0;
	return found.map(({ p }) => (p === null ? null : itemAt(adjusted, next++)));
}

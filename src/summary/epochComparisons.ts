/** Before and after fine-tuning on the same examples: the first epoch against the last, metric by metric and method by method. */
import { itemAt } from '../core/present.ts';
import type { Verdict } from '../evaluation/collapse.ts';
import { compare, type ComparisonOptions, noComparison } from '../evaluation/compare.ts';
import type { Metric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import { holm } from '../evaluation/statistics/holm.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import {
	alignedExamples,
	maskedExamples,
	predictedExamples,
	type SettingRecords,
	withPredictions,
} from './metricItems.ts';
import type { EpochComparison } from '../records/summaryRows.ts';

/** One model on one dataset after an epoch. */
export interface EpochSetting {
	readonly place: Pick<EpochComparison, 'model' | 'dataset' | 'split'>;
	readonly epoch: number;
	readonly labels: readonly string[];
	readonly records: SettingRecords;
	/** The rationales there are; `selection` null for scores. */
	readonly choices: readonly { readonly method: MethodId; readonly selection: string | null }[];
	/** Whether flips mean anything, by masking. */
	readonly verdicts: ReadonlyMap<string, Verdict>;
}

interface Pair {
	readonly before: EpochSetting;
	readonly after: EpochSetting;
	readonly resampling: ComparisonOptions;
}

/**
 * Returns the comparisons of the last epoch with the first, of settings that differ in the epoch only, in rising order.
 * Where faithfulness cannot be judged at the first epoch, the first one at which it can stands in as well.
 */
export function compareEpochs(settings: readonly EpochSetting[], resampling: ComparisonOptions): EpochComparison[] {
	const [first, last] = [settings[0], settings.at(-1)];
	if (first === undefined || last === undefined || first === last) return [];
	const pair = paired(first, last, resampling);
	const maskings = [...first.verdicts.keys()];
	return [
		accuracyOf(pair),
		...alignmentOf(pair),
		...maskings.flatMap((masking) => {
			const able = settings.find(({ verdicts }) => isEvaluable(verdicts.get(masking)));
			const others = able === undefined || able === first || able === last ? [] : [paired(able, last, resampling)];
			return [pair, ...others].flatMap((each) => faithfulnessOf(each, masking));
		}),
	];
}

function isEvaluable(verdict: Verdict | undefined): boolean {
	return verdict !== undefined && verdict.level !== 'not evaluable';
}

/** Only examples that were asked at both epochs, in the same order. */
function paired(before: EpochSetting, after: EpochSetting, resampling: ComparisonOptions): Pair {
	const shared = (one: EpochSetting, other: EpochSetting): EpochSetting => {
		const known = new Set(other.records.predictions.map(({ example }) => example));
		const predictions = one.records.predictions.filter(({ example }) => known.has(example));
		return { ...one, records: withPredictions(one.records, predictions) };
	};
	return { before: shared(before, after), after: shared(after, before), resampling };
}

function accuracyOf(pair: Pair): EpochComparison {
	const itemsOf = ({ records, labels }: EpochSetting) => predictedExamples(records, labels);
	const key = { method: null, selection: null, masking: null };
	return rowOf(pair, metrics.prediction.accuracy, key, itemsOf, null);
}

/** The human rationale and random words are the same at every epoch: they take no part. */
function alignmentOf(pair: Pair): EpochComparison[] {
	const choices = pair.after.choices.filter(({ method }) => methods[method].declaration.family !== 'reference');
	return families(choices).flatMap((family) =>
		adjusted(
			family.map(({ method, selection }) => {
				const metric = metrics.alignment[selection === null ? 'average_precision' : 'token_f1.macro'];
				const itemsOf = ({ records }: EpochSetting) => alignedExamples(records, method, selection, 'all');
				return rowOf(withTests(pair, family), metric, { method, selection, masking: null }, itemsOf, null);
			}),
		),
	);
}

function faithfulnessOf(pair: Pair, masking: string): EpochComparison[] {
	const [before, after] = [pair.before.verdicts.get(masking), pair.after.verdicts.get(masking)];
	const note =
		[reasonOf(pair.before.epoch, before), reasonOf(pair.after.epoch, after)]
			.filter((text) => text !== null)
			.join('; ') || null;
	const choices = pair.after.choices.flatMap(({ method, selection }) =>
		selection === null ? [] : [{ method, selection }],
	);
	return [metrics.faithfulness.flip_rate, metrics.faithfulness['flip_rate.excess']].flatMap((metric) =>
		families(choices).flatMap((family) =>
			adjusted(
				family.map(({ method, selection }) => {
					const itemsOf = ({ records }: EpochSetting) => maskedExamples(records, method, selection, masking, 'all');
					return rowOf(withTests(pair, family), metric, { method, selection, masking }, itemsOf, note);
				}),
			),
		),
	);
}

function reasonOf(epoch: number, verdict: Verdict | undefined): string | null {
	return isEvaluable(verdict)
		? null
		: `not evaluable at epoch ${epoch}: ${verdict?.reasons.join(', ') ?? 'not judged'}`;
}

type Choice = EpochSetting['choices'][number];

/** The methods under one selection are one family of tests. */
function families<Own extends Choice>(choices: readonly Own[]): Own[][] {
	const selections = [...new Set(choices.map(({ selection }) => selection))];
	return selections.map((wanted) => choices.filter(({ selection }) => selection === wanted));
}

/** The methods of a family are corrected together. */
function withTests(pair: Pair, family: readonly Choice[]): Pair {
	return { ...pair, resampling: { ...pair.resampling, tests: family.length } };
}

function rowOf<Item>(
	{ before, after, resampling }: Pair,
	metric: Metric<Item>,
	key: Pick<EpochComparison, 'method' | 'selection' | 'masking'>,
	itemsOf: (setting: EpochSetting) => readonly Item[],
	note: string | null,
): EpochComparison {
	const [old, now] = [itemsOf(before), itemsOf(after)];
	const found = note === null ? compare(metric, now, old, resampling) : noComparison(now.length);
	return {
		...after.place,
		before: before.epoch,
		after: after.epoch,
		...key,
		subset: 'all',
		metric: metric.declaration.id,
		...found,
		pHolm: null,
		note: note ?? (found.n === 0 ? 'no example has a value at both epochs' : null),
	};
}

function adjusted(rows: readonly EpochComparison[]): EpochComparison[] {
	const corrected = holm(rows.flatMap(({ p }) => p ?? []));
	let next = 0;
	return rows.map((row) => ({ ...row, pHolm: row.p === null ? null : itemAt(corrected, next++) }));
}

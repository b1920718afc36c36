/** From records to the numbers of `summary.json`; a pure function of the records and the study. */
import { setImmediate } from 'node:timers/promises';
import { groupBy } from '../core/groupBy.ts';
import { itemAt, zip } from '../core/present.ts';
import { scored } from '../core/score.ts';
import type { Task } from '../core/task.ts';
import { collapseVerdict, evaluableBy, type Verdict } from '../evaluation/collapse.ts';
import { type Estimate, estimatesOf, measure, type Measured } from '../evaluation/estimate.ts';
import { flipCurve, flipCurveDeclaration } from '../evaluation/faithfulness/flipCurve.ts';
import {
	embeddingMasking,
	maskingsUnder,
	type MeasureId,
	probabilityMetrics,
} from '../evaluation/faithfulness/measures.ts';
import { type Metric, noChance, shareMetric } from '../evaluation/metric.ts';
import { annotatorMetrics, labelMassMetrics, metrics } from '../evaluation/metrics.ts';
import { changedDecisions } from '../evaluation/prediction/changedDecisions.ts';
import type { PredictedExample } from '../evaluation/prediction/predictedExample.ts';
import type { ComparisonOptions } from '../evaluation/compare.ts';
import { sharedDraws } from '../evaluation/statistics/bootstrap.ts';
import { sharedSums } from '../evaluation/statistics/sharedSums.ts';
import { summandsOf } from '../evaluation/summands.ts';
import { signDraws } from '../evaluation/statistics/signDraws.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import { comparableSettings } from './comparableSettings.ts';
import { type ComparedSetting, compareMethods } from './comparisons.ts';
import { compareEpochs, type EpochSetting } from './epochComparisons.ts';
import { maskingAgreement } from './maskingAgreement.ts';
import { metaEvaluation } from './metaEvaluation.ts';
import type { AnswerStatus, StudyRecord } from '../records/records.ts';
import {
	alignedExamples,
	annotatedExamples,
	curvedExamples,
	maskedExamples,
	predictedExamples,
	maskedProbabilities,
	randomFlipRate,
	rowsOf as rowsIn,
	type SettingRecords,
	settingRecords,
	summandsIn,
	type SubsetId,
} from './metricItems.ts';
import type { AnswerRates, EpochComparison, SettingVerdict, Summary, SummaryRow } from '../records/summaryRows.ts';

/** One model on one split of one dataset, with its records. */
export interface SummarySetting {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	readonly task: Task;
	/** How words are chosen here. */
	readonly selections: readonly string[];
	readonly records: readonly StudyRecord[];
}

export interface SummaryOptions {
	readonly study: string;
	readonly seed: number;
	/** Resamples per interval. */
	readonly resamples: number;
	readonly methods: readonly MethodId[];
	readonly maskings: readonly string[];
	/** What is asked about faithfulness. */
	readonly measures: readonly MeasureId[];
}

export interface StudySummary {
	readonly summary: Summary;
	/** Of the first masking. */
	readonly verdicts: readonly SettingVerdict[];
	readonly answerRates: readonly AnswerRates[];
}

/**
 * Returns all numbers of a study, setting by setting, which takes seconds for large ones. `onDone` is told how many steps are
 * done of all; what it throws ends the work.
 */
export async function summarise(
	settings: readonly SummarySetting[],
	options: SummaryOptions,
	onDone: (done: number, total: number) => void = () => undefined,
): Promise<StudySummary> {
	const shared = { draws: sharedDraws(), sums: sharedSums(), signs: signDraws(options.seed) };
	const total = settings.length * stepsOf(options);
	let done = 0;
	const step = async (): Promise<void> => {
		// Serves signals and timers in the middle of long work.
		await setImmediate();
		onDone(++done, total);
	};
	const all: Awaited<ReturnType<typeof summariseSetting>>[] = [];
	for (const setting of settings) all.push(await summariseSetting(setting, options, shared, step));
	const rows = all.flatMap((setting) => setting.rows);
	return {
		summary: {
			schema: 1,
			study: options.study,
			rows,
			comparisons: all.flatMap(({ comparisons }) => comparisons),
			...whereAny(
				'epochComparisons',
				epochComparisonsOf(
					all.flatMap(({ epochSetting }) => epochSetting ?? []),
					{ seed: options.seed, resamples: options.resamples, ...shared },
				),
			),
			maskingAgreement: maskingAgreement(rows, options.maskings),
			...whereAny('comparability', comparableSettings(all)),
			...whereAny(
				'metaEvaluation',
				all.flatMap(({ judgements }) => judgements),
			),
		},
		verdicts: zip(all, settings).map(([{ verdict }, setting]) => ({
			...placeOf(setting),
			epoch: setting.epoch,
			...verdict,
		})),
		answerRates: all.flatMap(({ answerRates }) => answerRates),
	};
}

/** Returns the list under its name; nothing where it is empty. */
function whereAny<Name extends keyof Summary>(name: Name, found: NonNullable<Summary[Name]> & readonly unknown[]) {
	return found.length === 0 ? {} : { [name]: found };
}

/** Returns the comparisons of every model on every dataset before and after fine-tuning. */
function epochComparisonsOf(settings: readonly EpochSetting[], resampling: ComparisonOptions): EpochComparison[] {
	const series = groupBy(settings, ({ place }) => JSON.stringify(place));
	return [...series.values()].flatMap((epochs) => compareEpochs(epochs, resampling));
}

/** What the rows of a setting are made from. */
interface Scope {
	readonly setting: SummarySetting;
	readonly records: SettingRecords;
	readonly options: SummaryOptions;
	readonly resampling: ComparisonOptions;
}

/** The figures of each method, those under each masking, and the comparisons of methods. */
function stepsOf({ methods: ids, maskings, measures }: SummaryOptions): number {
	return ids.length * (1 + maskingsUnder(maskings, measures).length) + 1;
}

async function summariseSetting(
	setting: SummarySetting,
	options: SummaryOptions,
	shared: Pick<ComparisonOptions, 'draws' | 'sums' | 'signs'>,
	step: () => Promise<void>,
) {
	const records = settingRecords(setting.records);
	const resampling = { seed: options.seed, resamples: options.resamples, ...shared };
	const scope: Scope = { setting, records, options, resampling };
	const answers = predictedExamples(records, setting.task.labels);
	const verdictUnder = (masking: string): Verdict => collapseVerdict(answers, randomFlipRate(records, masking));
	const headline = itemAt(options.maskings, 0, 'masking');
	const maskings = maskingsUnder(options.maskings, options.measures);
	const compared: ComparedSetting = {
		place: { ...placeOf(setting), split: setting.split, epoch: setting.epoch },
		records,
		resampling,
		measures: options.measures,
		choices: options.methods.flatMap((method) => choicesOf(scope, method)),
		maskings: maskings.map((id) => ({ id, verdict: verdictUnder(id === embeddingMasking ? headline : id) })),
	};
	const rows = predictionRows(scope, answers);
	for (const method of options.methods) {
		rows.push(...rowsOf(scope, [...alignmentGroups(scope, method), ...annotatorGroups(scope, method)]));
		await step();
	}
	for (const { id, verdict } of compared.maskings) {
		for (const method of options.methods) {
			rows.push(...faithfulnessRows(scope, method, id, verdict));
			await step();
		}
	}
	const comparisons = compareMethods(compared);
	await step();
	return {
		rows,
		comparisons,
		place: compared.place,
		examples: records.predictions.map(({ example }) => example),
		randomFlips: randomFlipRate(records, headline),
		judgements: metaEvaluation(compared),
		verdict: verdictUnder(headline),
		answerRates: options.methods.flatMap((method) => answerRatesOf(scope, method)),
		epochSetting: epochSettingOf(compared, setting),
	};
}

function epochSettingOf(compared: ComparedSetting, { epoch, task }: SummarySetting): EpochSetting | null {
	if (epoch === null) return null;
	const { model, dataset, split } = compared.place;
	return {
		place: { model, dataset, split },
		epoch,
		labels: task.labels,
		records: compared.records,
		choices: compared.choices,
		verdicts: new Map(compared.maskings.map(({ id, verdict }) => [id, verdict])),
	};
}

function predictionRows(scope: Scope, answers: readonly PredictedExample[]): SummaryRow[] {
	const shares = scope.setting.task.labels.map(labelShare);
	const all: readonly Metric<PredictedExample>[] = [
		...Object.values(metrics.prediction),
		...Object.values(labelMassMetrics),
		...shares,
	];
	return rowsOf(scope, [{ key: {}, measured: measured(all, answers) }, ...precisionGroups(scope)]);
}

/** Metrics over the same examples, and what their rows say beside the number. */
interface RowGroup {
	readonly key: Omit<RowKey, 'metric'>;
	readonly measured: readonly Measured[];
	/** Left out for what can always be read. */
	readonly verdict?: Verdict;
}

function measured<Item>(list: readonly Metric<Item>[], items: readonly Item[]): Measured[] {
	return list.map((metric) => measure(summandsOf(metric, items)));
}

/** Returns the rows of all groups, which share what is resampled. */
function rowsOf(scope: Scope, groups: readonly RowGroup[], resampling = scope.resampling): SummaryRow[] {
	const found = estimatesOf(
		groups.flatMap(({ measured }) => measured),
		resampling,
	).values();
	return groups.flatMap(({ key, measured, verdict }) =>
		measured.map(({ metric }) => {
			const estimate = found.next().value as Estimate;
			const shown = verdict === undefined ? estimate : judged(estimate, verdict);
			return row(scope, { ...key, metric: metric.declaration.id }, shown);
		}),
	);
}

/** Returns how often reduced precision decides otherwise, where masked texts were scored with it. */
function precisionGroups({ records }: Scope): RowGroup[] {
	const checks = records.predictions.flatMap(({ precisionCheck }) => precisionCheck ?? []);
	return checks.length === 0 ? [] : [{ key: {}, measured: measured([changedDecisions], checks) }];
}

/** Returns the share of predictions that are a label, a metric per label of the task. */
function labelShare(label: string): Metric<PredictedExample> {
	return shareMetric(
		{
			id: `label_share.${label}`,
			title: `Share of predictions that are "${label}"`,
			family: 'prediction',
			range: [0, 1],
			better: 'neither',
			needs: 'predictions',
			judges: 'answers',
			source: 'docs/methods.md E.12',
		},
		({ prediction }) => scored(prediction === label ? 1 : 0),
		noChance,
	);
}

function alignmentGroups(scope: Scope, method: MethodId): RowGroup[] {
	const { records } = scope;
	const groupOf = (selection: string | null, subset: SubsetId): RowGroup => {
		const list = Object.values(metrics.alignment).filter(
			({ declaration }) => (declaration.judges === 'scores') === (selection === null),
		);
		const key = { method, selection, masking: null };
		const summands = summandsIn(records, key, list, () => alignedExamples(records, method, selection, 'all'));
		const rows = rowsIn(records, method, subset);
		return { key: { method, selection, subset }, measured: summands.map((each) => measure(each, rows)) };
	};
	const correct: readonly SubsetId[] = scope.setting.epoch === null ? [] : ['correct'];
	const subsets: readonly SubsetId[] = ['all', ...correct, ...(isPrompting(method) ? (['valid'] as const) : [])];
	return [
		...(hasScores(scope, method) ? [groupOf(null, 'all')] : []),
		...selectionsOf(scope, method).flatMap((selection) => subsets.map((subset) => groupOf(selection, subset))),
	];
}

/** Returns the agreement with annotators one by one, where texts have several; the ceiling is the human rationale's. */
function annotatorGroups(scope: Scope, method: MethodId): RowGroup[] {
	if (!scope.records.predictions.some(({ annotations }) => annotations.length >= 2)) return [];
	const { 'token_f1.human_ceiling': ceiling, ...each } = annotatorMetrics;
	return selectionsOf(scope, method).map((selection) => {
		const isHuman = methods[method].declaration.needs === 'annotations';
		const items = annotatedExamples(scope.records, method, selection);
		const list = isHuman ? (selection === 'own' ? [ceiling] : []) : Object.values(each);
		return { key: { method, selection }, measured: measured(list, items) };
	});
}

function faithfulnessRows(scope: Scope, method: MethodId, masking: string, verdict: Verdict): SummaryRow[] {
	const subsets: readonly SubsetId[] = [
		'all',
		'correct',
		'incorrect',
		...(isPrompting(method) ? ['valid' as const] : []),
	];
	const hasFlips = scope.options.measures.includes('flip_rate') && masking !== embeddingMasking;
	const flips = hasFlips ? Object.values(metrics.faithfulness) : [];
	const probed = (of: 'chosen' | 'scores') => probabilityMetrics(scope.options.measures, masking, of);
	const resampling = resamplingUnder(verdict, scope);
	const evaluable = evaluableBy[verdict.level];
	const { records } = scope;
	const groups = choicesOf(scope, method).flatMap(({ selection }) =>
		subsets.flatMap((subset): RowGroup[] => {
			const rows = rowsIn(records, method, subset);
			const groupOf = <Item>(list: readonly Metric<Item>[], itemsOf: () => readonly Item[]): RowGroup[] => {
				const key = { method, selection, masking };
				const summands = summandsIn(records, key, list, itemsOf);
				const measuredHere = summands.map((each) => measure(each, rows));
				return [{ key: { ...key, subset, evaluable }, measured: measuredHere, verdict }];
			};
			const probes = () => maskedProbabilities(records, method, selection, masking, 'all');
			if (selection === null) return groupOf(probed('scores'), probes);
			const masked = () => maskedExamples(records, method, selection, masking, 'all');
			return [...groupOf(flips, masked), ...groupOf(probed('chosen'), probes)];
		}),
	);
	const hasCurve = masking === scope.options.maskings[0] && hasScores(scope, method);
	const curve = hasCurve ? curveRows(scope, method, masking, verdict) : [];
	return [...rowsOf(scope, groups, resampling), ...curve];
}

/** A row for each share of the words. */
function curveRows(scope: Scope, method: MethodId, masking: string, verdict: Verdict): SummaryRow[] {
	const points = flipCurve(curvedExamples(scope.records, method), resamplingUnder(verdict, scope));
	const key = { method, masking, metric: flipCurveDeclaration.id, evaluable: evaluableBy[verdict.level] };
	return points.map(({ share, ...found }) => row(scope, { ...key, share }, judged(found, verdict)));
}

/** What has no value needs no interval. */
function resamplingUnder({ level }: Verdict, { resampling }: Scope): ComparisonOptions {
	return level === 'not evaluable' ? { seed: 0, resamples: 1 } : resampling;
}

/** Takes the number from an estimate that means nothing, and says so. */
function judged(found: Estimate, { level, reasons }: Verdict): Estimate {
	const reason = reasons.join('; ');
	if (level === 'evaluable') return found;
	if (level === 'with care') return { ...found, note: joined([`evaluable with care: ${reason}`, found.note]) };
	return { ...found, value: null, ci95: null, chance: null, note: `not evaluable: ${reason}` };
}

/** Returns the selections that a method can make: `own` is for methods that choose words themselves. */
function selectionsOf({ records, setting }: Scope, method: MethodId): string[] {
	const choosesItself = isPrompting(method) || isMade(records, method, 'own');
	return setting.selections.filter((selection) => selection !== 'own' || choosesItself);
}

function isMade({ rationales }: SettingRecords, method: MethodId, wanted: string): boolean {
	for (const { selections } of rationales.get(method)?.values() ?? []) {
		if (selections.some(({ selection }) => selection === wanted)) return true;
	}
	return false;
}

function hasScores({ records }: Scope, method: MethodId): boolean {
	for (const { scores } of records.rationales.get(method)?.values() ?? []) if (scores !== null) return true;
	return false;
}

function choicesOf(scope: Scope, method: MethodId): { method: MethodId; selection: string | null }[] {
	const made = selectionsOf(scope, method).map((selection) => ({ method, selection }));
	return hasScores(scope, method) ? [{ method, selection: null }, ...made] : made;
}

function isPrompting(method: MethodId): boolean {
	return methods[method].declaration.family === 'prompting';
}

type RowKey = Pick<SummaryRow, 'metric'> &
	Partial<Pick<SummaryRow, 'method' | 'selection' | 'subset' | 'share' | 'masking' | 'evaluable'>>;

/** Returns a row; examples that could not be asked count as missing among all examples. */
function row({ setting, records }: Scope, key: RowKey, found: Estimate): SummaryRow {
	const subset = key.subset ?? 'all';
	const skipped = subset === 'all' ? records.skipped.length : 0;
	return {
		model: setting.model,
		dataset: setting.dataset,
		split: setting.split,
		epoch: setting.epoch,
		method: key.method ?? null,
		selection: key.selection ?? null,
		subset,
		metric: key.metric,
		...(key.share === undefined ? {} : { share: key.share }),
		value: found.value,
		ci95: found.ci95,
		n: found.n,
		missing: found.missing + skipped,
		chance: found.chance,
		masking: key.masking ?? null,
		evaluable: key.evaluable ?? null,
		note: joined([found.note, skipped === 0 ? null : `${skipped} examples could not be asked`]),
	};
}

function placeOf({ model, dataset }: SummarySetting): { model: string; dataset: string } {
	return { model, dataset };
}

function joined(parts: readonly (string | null)[]): string | null {
	return parts.filter((part) => part !== null).join('; ') || null;
}

function answerRatesOf({ setting, records }: Scope, method: MethodId): AnswerRates[] {
	const answers = [...(records.rationales.get(method)?.values() ?? [])].flatMap(({ answer }) => answer ?? []);
	if (!isPrompting(method)) return [];
	const count = (wanted: AnswerStatus): number => answers.filter(({ status }) => status === wanted).length;
	return [
		{
			...placeOf(setting),
			epoch: setting.epoch,
			method,
			counts: {
				ok: count('ok'),
				partial: count('partial'),
				empty_match: count('empty_match'),
				no_rationale: count('no_rationale'),
			},
			wrongLength: answers.filter(({ wrongLength }) => wrongLength).length,
		},
	];
}

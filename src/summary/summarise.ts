/** From records to the numbers of `summary.json`; a pure function of the records and the study. */
import { setImmediate } from 'node:timers/promises';
import { scored } from '../core/score.ts';
import type { Task } from '../core/task.ts';
import { collapseVerdict, type Verdict } from '../evaluation/collapse.ts';
import { type Estimate, estimateAll } from '../evaluation/estimate.ts';
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
	type SettingRecords,
	settingRecords,
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
	const shared = { draws: sharedDraws(), signs: signDraws(options.seed) };
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
		verdicts: all.map(({ verdict }, i) => ({ ...placeOf(settings[i]), epoch: settings[i]?.epoch ?? null, ...verdict })),
		answerRates: all.flatMap(({ answerRates }) => answerRates),
	};
}

/** Returns the list under its name; nothing where it is empty. */
function whereAny<Name extends keyof Summary>(name: Name, found: NonNullable<Summary[Name]> & readonly unknown[]) {
	return found.length === 0 ? {} : { [name]: found };
}

/** Returns the comparisons of every model on every dataset before and after fine-tuning. */
function epochComparisonsOf(settings: readonly EpochSetting[], resampling: ComparisonOptions): EpochComparison[] {
	const series = new Map<string, EpochSetting[]>();
	for (const setting of settings) {
		const key = JSON.stringify(setting.place);
		series.set(key, [...(series.get(key) ?? []), setting]);
	}
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
	shared: Pick<ComparisonOptions, 'draws' | 'signs'>,
	step: () => Promise<void>,
) {
	const records = settingRecords(setting.records);
	const resampling = { seed: options.seed, resamples: options.resamples, ...shared };
	const scope: Scope = { setting, records, options, resampling };
	const answers = predictedExamples(records, setting.task.labels);
	const verdictUnder = (masking: string): Verdict => collapseVerdict(answers, randomFlipRate(records, masking));
	const [headline = ''] = options.maskings;
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
		rows.push(...alignmentRows(scope, method), ...annotatorRows(scope, method));
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
	return [...metricRows(scope, {}, all, answers), ...precisionRows(scope)];
}

/** Returns a row per metric over the same examples. */
function metricRows<Item>(
	scope: Scope,
	key: Omit<RowKey, 'metric'>,
	list: readonly Metric<Item>[],
	items: readonly Item[],
): SummaryRow[] {
	const found = estimateAll(list, items, scope.resampling);
	return list.map(({ declaration }, i) => row(scope, { ...key, metric: declaration.id }, found[i] as Estimate));
}

/** Returns how often reduced precision decides otherwise, where masked texts were scored with it. */
function precisionRows(scope: Scope): SummaryRow[] {
	const checks = scope.records.predictions.flatMap(({ precisionCheck }) => precisionCheck ?? []);
	return checks.length === 0 ? [] : metricRows(scope, {}, [changedDecisions], checks);
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

function alignmentRows(scope: Scope, method: MethodId): SummaryRow[] {
	const rowsFor = (selection: string | null, subset: SubsetId): SummaryRow[] => {
		const items = alignedExamples(scope.records, method, selection, subset);
		const list = Object.values(metrics.alignment).filter(
			({ declaration }) => (declaration.judges === 'scores') === (selection === null),
		);
		return metricRows(scope, { method, selection, subset }, list, items);
	};
	const correct: readonly SubsetId[] = scope.setting.epoch === null ? [] : ['correct'];
	const subsets: readonly SubsetId[] = ['all', ...correct, ...(isPrompting(method) ? (['valid'] as const) : [])];
	return [
		...(hasScores(scope, method) ? rowsFor(null, 'all') : []),
		...selectionsOf(scope, method).flatMap((selection) => subsets.flatMap((subset) => rowsFor(selection, subset))),
	];
}

/** Returns the agreement with annotators one by one, where texts have several; the ceiling is the human rationale's. */
function annotatorRows(scope: Scope, method: MethodId): SummaryRow[] {
	if (!scope.records.predictions.some(({ annotations }) => annotations.length >= 2)) return [];
	const { 'token_f1.human_ceiling': ceiling, ...each } = annotatorMetrics;
	return selectionsOf(scope, method).flatMap((selection) => {
		const isHuman = methods[method].declaration.needs === 'annotations';
		const items = annotatedExamples(scope.records, method, selection);
		const list = isHuman ? (selection === 'own' ? [ceiling] : []) : Object.values(each);
		return metricRows(scope, { method, selection }, list, items);
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
	const isHeadline = masking === scope.options.maskings[0];
	const resampling = resamplingUnder(verdict, scope);
	return choicesOf(scope, method).flatMap(({ selection }) =>
		subsets.flatMap((subset) => {
			const rowsOf = <Item>(list: readonly Metric<Item>[], itemsOf: () => readonly Item[]): SummaryRow[] =>
				list.length === 0
					? []
					: estimateAll(list, itemsOf(), resampling).map((found, i) => {
							const metric = list[i]?.declaration.id ?? '';
							const key = { method, selection, subset, masking, metric, evaluable: evaluableBy[verdict.level] };
							return row(scope, key, judged(found, verdict));
						});
			const probes = () => maskedProbabilities(scope.records, method, selection, masking, subset);
			if (selection === null) {
				const curve = subset === 'all' && isHeadline ? curveRows(scope, method, masking, verdict) : [];
				return [...rowsOf(probed('scores'), probes), ...curve];
			}
			const masked = () => maskedExamples(scope.records, method, selection, masking, subset);
			return [...rowsOf(flips, masked), ...rowsOf(probed('chosen'), probes)];
		}),
	);
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

const evaluableBy = { evaluable: 'yes', 'with care': 'with care', 'not evaluable': 'no' } as const;

/** Takes the number from an estimate that means nothing, and says so. */
function judged(found: Estimate, { level, reasons }: Verdict): Estimate {
	const reason = reasons.join('; ');
	if (level === 'evaluable') return found;
	if (level === 'with care') return { ...found, note: joined([`evaluable with care: ${reason}`, found.note]) };
	return { ...found, value: null, ci95: null, chance: null, note: `not evaluable: ${reason}` };
}

/** Returns the selections that a method can make: `own` is for methods that choose words themselves. */
function selectionsOf({ records, setting }: Scope, method: MethodId): string[] {
	const made = [...(records.rationales.get(method)?.values() ?? [])].flatMap(({ selections }) => selections);
	const choosesItself = isPrompting(method) || made.some(({ selection }) => selection === 'own');
	return setting.selections.filter((selection) => selection !== 'own' || choosesItself);
}

function hasScores({ records }: Scope, method: MethodId): boolean {
	return [...(records.rationales.get(method)?.values() ?? [])].some(({ scores }) => scores !== null);
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

function placeOf(setting: SummarySetting | undefined): { model: string; dataset: string } {
	return { model: setting?.model ?? '', dataset: setting?.dataset ?? '' };
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

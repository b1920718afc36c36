/** Judging the judges: does each faithfulness metric put true rationales before wrong ones, where the truth is known? */
import { itemAt } from '../core/present.ts';
import type { Score } from '../core/score.ts';
import type { AlignedExample } from '../evaluation/alignment/alignedExample.ts';
import type { Verdict } from '../evaluation/collapse.ts';
import { embeddingMasking, type MeasureId, probabilityMetrics } from '../evaluation/faithfulness/measures.ts';
import { type JudgedMethod, type Judgement, orderAgreement, pairwiseAccuracy } from '../evaluation/judgeMetric.ts';
import type { Metric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import type { ResamplingOptions } from '../evaluation/statistics/bootstrap.ts';
import { type MethodId, methods } from '../rationales/methods.ts';
import { alignedExamples, maskedExamples, maskedProbabilities, type SettingRecords } from './metricItems.ts';
import type { MetricJudgement } from '../records/summaryRows.ts';

/** A setting, and what there is to judge in it. */
export interface JudgedSetting {
	readonly place: Pick<MetricJudgement, 'model' | 'dataset' | 'split' | 'epoch'>;
	readonly records: SettingRecords;
	/** The rationales there are, in the order of the study; `selection` null for scores. */
	readonly choices: readonly { readonly method: MethodId; readonly selection: string | null }[];
	/** With whether flips mean anything under each. */
	readonly maskings: readonly { readonly id: string; readonly verdict: Verdict }[];
	/** What is asked about faithfulness. */
	readonly measures: readonly MeasureId[];
	readonly resampling: ResamplingOptions;
}

/**
 * Returns a judgement of every faithfulness metric under every selection and masking; none unless the study holds two or
 * more of the `corrupted` references. The truth is the annotation, so that this means something only where the annotation
 * is what decides, as in the planted benchmark: token F1 for chosen words, average precision for scores.
 */
export function metaEvaluation(setting: JudgedSetting): MetricJudgement[] {
	const corruptedReferences = new Set(setting.choices.map(({ method }) => method).filter(isCorrupted));
	if (corruptedReferences.size < 2) return [];
	const selections = [...new Set(setting.choices.map(({ selection }) => selection))];
	return setting.maskings.flatMap((masking) =>
		selections.flatMap((selection) => judgementsOf(setting, selection, masking)),
	);
}

/** Returns true for the references that are wrong to a known degree. */
export function isCorrupted(method: MethodId): boolean {
	return method.startsWith('corrupted.');
}

type Masking = JudgedSetting['maskings'][number];

function judgementsOf(setting: JudgedSetting, selection: string | null, masking: Masking): MetricJudgement[] {
	const probed = probabilityMetrics(setting.measures, masking.id, selection === null ? 'scores' : 'chosen');
	const hasFlips = selection !== null && masking.id !== embeddingMasking && setting.measures.includes('flip_rate');
	const flips = hasFlips ? Object.values(metrics.faithfulness) : [];
	const judged = <Item>(list: readonly Metric<Item>[], itemsOf: (method: MethodId) => readonly Item[]) =>
		list.map((metric) => judge(setting, { metric, selection, masking, itemsOf }));
	return [
		...(selection === null
			? []
			: judged(flips, (method) => maskedExamples(setting.records, method, selection, masking.id, 'all'))),
		...judged(probed, (method) => maskedProbabilities(setting.records, method, selection, masking.id, 'all')),
	];
}

interface Judged<Item> {
	readonly metric: Metric<Item>;
	readonly selection: string | null;
	readonly masking: Masking;
	readonly itemsOf: (method: MethodId) => readonly Item[];
}

function judge<Item>(setting: JudgedSetting, { metric, selection, masking, itemsOf }: Judged<Item>): MetricJudgement {
	const truth = selection === null ? metrics.alignment.average_precision : metrics.alignment['token_f1.macro'];
	const able = setting.choices.filter((choice) => choice.selection === selection).map(({ method }) => method);
	const judgedMethod = (method: MethodId): JudgedMethod<Item> => ({
		items: itemsOf(method),
		truth: alignedExamples(setting.records, method, selection, 'all').map((example) => truthOf(truth, example)),
	});
	const corrupted = able.filter(isCorrupted).map(judgedMethod);
	const proposed = able.filter((method) => methods[method].declaration.needs !== 'annotations').map(judgedMethod);
	const { verdict } = masking;
	const voided = verdict.level === 'not evaluable' ? `not evaluable: ${verdict.reasons.join('; ')}` : null;
	const unless = (judgement: () => Judgement): Judgement => (voided === null ? judgement() : unjudged(voided));
	return {
		...setting.place,
		metric: metric.declaration.id,
		selection,
		masking: masking.id,
		truth: truth.declaration.id,
		methods: unless(() => orderAgreement(metric, proposed, setting.resampling)),
		corrupted: unless(() => orderAgreement(metric, corrupted, setting.resampling)),
		toldApart: unless(() => pairwiseAccuracy(metric, corrupted, setting.resampling)),
	};
}

function truthOf(metric: Metric<AlignedExample>, example: AlignedExample): Score {
	const summand = metric.summand(example);
	return 'missing' in summand ? summand : { value: itemAt(summand.amounts, 0) };
}

function unjudged(note: string): Judgement {
	return { value: null, ci95: null, methods: 0, n: 0, missing: 0, note };
}

/** The parts of `summary.json`. */
import type { Verdict } from '../evaluation/collapse.ts';
import type { Judgement } from '../evaluation/judgeMetric.ts';
import type { AnswerStatus } from './records.ts';

/** One number of `summary.json` (design contract, schema 1). */
export interface SummaryRow {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	/** Null for metrics of the prediction alone. */
	readonly method: string | null;
	readonly selection: string | null;
	/** `all`, `correct`, `incorrect`, `valid`. */
	readonly subset: string;
	readonly metric: string;
	/** Share of the words that were masked, best first, 0..1; in rows of `flip_curve` alone, one for each share. */
	readonly share?: number;
	/** Null where there is none: `note` says why. */
	readonly value: number | null;
	readonly ci95: readonly [number, number] | null;
	readonly n: number;
	readonly missing: number;
	readonly chance: number | null;
	/** Masking id for faithfulness metrics, else null. */
	readonly masking: string | null;
	/** What the model's predictions let faithfulness figures mean: `no` voids the number; null for all other metrics. */
	readonly evaluable: 'yes' | 'with care' | 'no' | null;
	/** `not evaluable: …`, `evaluable with care: …`, why a value is missing; null when there is nothing to say. */
	readonly note: string | null;
}

/** Whether faithfulness figures of a model on a dataset mean anything (docs/methods.md E.12). */
export interface SettingVerdict extends Verdict {
	readonly model: string;
	readonly dataset: string;
	/** Null where nothing was fine-tuned. */
	readonly epoch: number | null;
}

/** How a model answered one rationale prompt on one dataset. */
export interface AnswerRates {
	readonly model: string;
	readonly dataset: string;
	/** Null where nothing was fine-tuned. */
	readonly epoch: number | null;
	readonly method: string;
	/** Number of answers by status. */
	readonly counts: Readonly<Record<AnswerStatus, number>>;
	/** Answers with another number of words than was asked for. */
	readonly wrongLength: number;
}

/** A paired test on examples (docs/methods.md D.9); all null where there is no difference: `note` says why. */
export interface PairedTest {
	/** Of the difference, by paired bootstrap. */
	readonly ci95: readonly [number, number] | null;
	/** Two-sided, by sign flips. */
	readonly p: number | null;
	/** Random flips behind p; null where p is exact. Left out by earlier versions. */
	readonly flips?: number | null;
	/** The smallest p that the test could have given on these examples. Left out by earlier versions. */
	readonly smallestP?: number | null;
	/** Mean over standard deviation of the examples' differences. */
	readonly effectSize: number | null;
	/** Examples it would take to find a difference of this size at 0.05 with power 0.8. */
	readonly needed: number | null;
	/** Examples on which both have a value. */
	readonly n: number;
	readonly missing: number;
	readonly note: string | null;
}

/** Two methods under the same metric, selection and masking on the same examples (methods.md D.9). */
export interface SummaryComparison extends PairedTest {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	/** Null for metrics of the scores alone. */
	readonly selection: string | null;
	readonly subset: string;
	readonly metric: string;
	/** Masking id for faithfulness metrics, else null. */
	readonly masking: string | null;
	/** Method ids. */
	readonly first: string;
	readonly second: string;
	/** First minus second; null where there is none: `note` says why. */
	readonly difference: number | null;
	/** Adjusted for all pairs of this metric, selection and masking (Holm). */
	readonly pHolm: number | null;
}

/** One method under the same metric, selection and masking before and after fine-tuning, on the same examples. */
export interface EpochComparison extends PairedTest {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	/** Epochs: 0 is before training. */
	readonly before: number;
	readonly after: number;
	/** Null for metrics of the prediction alone. */
	readonly method: string | null;
	/** Null for metrics of the scores alone. */
	readonly selection: string | null;
	readonly subset: string;
	readonly metric: string;
	/** Masking id for faithfulness metrics, else null. */
	readonly masking: string | null;
	/** After minus before; null where there is none: `note` says why. */
	readonly difference: number | null;
	/** Adjusted for all methods under this metric, selection and masking (Holm); null for a single test. */
	readonly pHolm: number | null;
}

/** Whether two maskings put the methods in the same order by one metric (docs/methods.md E.9). */
export interface MaskingAgreement {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	readonly metric: string;
	readonly selection: string | null;
	/** Masking ids. */
	readonly first: string;
	readonly second: string;
	/** Kendall's tau-b over the methods' values; null where there is none: `note` says why. */
	readonly tau: number | null;
	/** Methods with a value under both. */
	readonly n: number;
	readonly note: string | null;
}

/** Whether a faithfulness metric tells true rationales from wrong ones (docs/meta-evaluation.md). */
export interface MetricJudgement {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	readonly metric: string;
	/** Null for metrics of the scores alone. */
	readonly selection: string | null;
	/** Masking id. */
	readonly masking: string;
	/** The metric that says how true a rationale is: its agreement with the words that are known to decide. */
	readonly truth: string;
	/** Kendall's tau-b between the metric's order of the methods and the true one. */
	readonly methods: Judgement;
	/** The same for the rationales that were corrupted on purpose. */
	readonly corrupted: Judgement;
	/** How often the metric prefers the less corrupted of two rationales of one example; 0.5 by chance. */
	readonly toldApart: Judgement;
}

/** Whether faithfulness figures of two models, or of one at two epochs, may be set side by side. */
export interface SettingComparability {
	readonly dataset: string;
	readonly split: string;
	readonly first: { readonly model: string; readonly epoch: number | null };
	readonly second: { readonly model: string; readonly epoch: number | null };
	readonly level: 'comparable' | 'with care' | 'not comparable';
	/** In plain words; empty for `comparable`. */
	readonly reasons: readonly string[];
}

/** A share of texts with its 95 % interval (Wilson). */
export interface ShareOfTexts {
	readonly value: number | null;
	readonly ci95: readonly [number, number] | null;
}

/** One model on one dataset, asked in another way, on the texts that it answered both times. */
export interface SensitivityRow {
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	/** `wording question`, `answers in the order b, a`. */
	readonly variant: string;
	readonly instruction: string;
	readonly userTurn: string | null;
	readonly accuracy: ShareOfTexts;
	/** Of the task as it is, on the same texts. */
	readonly usualAccuracy: ShareOfTexts;
	/** Texts with the same prediction as that of the task as it is. */
	readonly same: ShareOfTexts;
	readonly n: number;
	readonly missing: number;
}

export interface Summary {
	readonly schema: 1;
	readonly study: string;
	readonly rows: readonly SummaryRow[];
	/** Left out by earlier versions. */
	readonly comparisons?: readonly SummaryComparison[];
	/** Left out where nothing was fine-tuned. */
	readonly epochComparisons?: readonly EpochComparison[];
	/** Left out by earlier versions. */
	readonly maskingAgreement?: readonly MaskingAgreement[];
	/** Only where a dataset has several models or epochs. */
	readonly comparability?: readonly SettingComparability[];
	/** Only in studies that ask in several ways. */
	readonly sensitivity?: readonly SensitivityRow[];
	/** Only in studies of the `corrupted` references. */
	readonly metaEvaluation?: readonly MetricJudgement[];
}

/** Scores of rationales by any tool, without a model: our metrics and ERASER's own definitions side by side. */
import type { MetricDeclaration } from '../core/declarations.ts';
import { zip } from '../core/present.ts';
import { missing, type Score, scored } from '../core/score.ts';
import type { AlignedExample } from '../evaluation/alignment/alignedExample.ts';
import {
	type EraserDocument,
	eraserIouScores,
	eraserSoftScores,
	eraserTokenScores,
	type MicroAndMacro,
} from '../evaluation/alignment/eraser.ts';
import type { WordRange } from '../evaluation/alignment/spans.ts';
import { collapseVerdict, type Verdict } from '../evaluation/collapse.ts';
import { type Estimate, estimate } from '../evaluation/estimate.ts';
import {
	type Distribution,
	type EraserAnswers,
	eraserAnswerScores,
} from '../evaluation/faithfulness/eraserClassification.ts';
import type { MaskedExample } from '../evaluation/faithfulness/maskedExample.ts';
import { probabilityMeasures } from '../evaluation/faithfulness/measures.ts';
import type { MaskedAnswers, MaskedProbabilities } from '../evaluation/faithfulness/maskedProbabilities.ts';
import {
	bestKept,
	bestMasked,
	chosenKept,
	chosenMasked,
	type SingleText,
} from '../evaluation/faithfulness/maskedText.ts';
import type { Metric } from '../evaluation/metric.ts';
import { metrics } from '../evaluation/metrics.ts';
import type { PredictedExample } from '../evaluation/prediction/predictedExample.ts';
import { type ResamplingOptions, sharedDraws } from '../evaluation/statistics/bootstrap.ts';
import type { EraserPredictions, PredictedAnnotation, PredictedDocument } from './eraserPredictions.ts';

/** One of our metrics on the predictions. */
export interface ScoredMetric extends Estimate {
	readonly declaration: MetricDeclaration;
	/** True where the answers let the number mean nothing; it is left out then. */
	readonly isVoid: boolean;
}

export interface PredictionScores {
	readonly split: string;
	/** Whether faithfulness means anything here; null where the predictions hold no answers. */
	readonly verdict: Verdict | null;
	/** Ours, in the order of the declarations; faithfulness has no value where the verdict says so. */
	readonly own: readonly ScoredMetric[];
	/** ERASER's, by id; missing where its scorer gives none. */
	readonly eraser: Readonly<Record<string, Score>>;
}

/** Measures on probabilities that predictions can hold, or that only a model can answer. */
const measured: readonly Metric<MaskedProbabilities>[] = [
	probabilityMeasures.comprehensiveness,
	probabilityMeasures.sufficiency,
	probabilityMeasures.deletion_auc,
	probabilityMeasures.insertion_auc,
	probabilityMeasures.tau_loo,
	probabilityMeasures.soft_nc,
	probabilityMeasures.soft_ns,
	probabilityMeasures.pi_soft_nc,
	probabilityMeasures.pi_soft_ns,
].flatMap(({ metrics: own }) => own.filter(({ declaration }) => declaration.judges === 'scores'));

/** Returns all scores of the predictions. An example is an annotation, with the tokens of all its documents. */
export function scorePredictions(predictions: EraserPredictions, resampling: ResamplingOptions): PredictionScores {
	const { annotations, split } = predictions;
	const shared = { draws: sharedDraws(), ...resampling };
	const answers = predictedExamples(annotations);
	const verdict = answers.length === 0 ? null : collapseVerdict(answers, null);
	const estimated = <Item>(list: readonly Metric<Item>[], items: readonly Item[]): ScoredMetric[] =>
		list.map((metric) => ({ declaration: metric.declaration, isVoid: false, ...estimate(metric, items, shared) }));
	return {
		split,
		verdict,
		own: [
			...estimated(Object.values(metrics.prediction), answers),
			...estimated(Object.values(metrics.alignment), annotations.map(aligned)),
			...[
				...estimated(Object.values(metrics.faithfulness), annotations.flatMap(masked)),
				...estimated(measured, annotations.flatMap(maskedProbabilities)),
			].map((found) => judged(found, verdict)),
		],
		eraser: eraserScores(predictions),
	};
}

function judged(found: ScoredMetric, verdict: Verdict | null): ScoredMetric {
	if (verdict?.level !== 'not evaluable') return found;
	const note = `not evaluable: ${verdict.reasons.join('; ')}`;
	return { ...found, value: null, ci95: null, chance: null, note, isVoid: true };
}

function predictedExamples(annotations: readonly PredictedAnnotation[]): PredictedExample[] {
	const answered = annotations.flatMap(({ gold, answers }) => {
		const prediction = answers?.classification ?? null;
		return prediction === null ? [] : [{ gold, prediction }];
	});
	const labels = [
		...new Set([...annotations.map(({ gold }) => gold), ...answered.map(({ prediction }) => prediction)]),
	];
	return answered.map((answer) => ({ labels, ...answer }));
}

function aligned({ documents }: PredictedAnnotation): AlignedExample {
	const starts = startsOf(documents);
	const wordsOf = (spans: (document: PredictedDocument) => readonly WordRange[]): number[] => [
		...new Set(
			zip(documents, starts).flatMap(([document, start]) => spans(document).flatMap((span) => numbersOf(span, start))),
		),
	];
	return {
		wordCount: documents.reduce((sum, { length }) => sum + length, 0),
		gold: wordsOf(({ gold }) => gold),
		predicted: documents.some(({ hard }) => hard !== null) ? wordsOf(({ hard }) => hard ?? []) : null,
		scores: documents.some(({ soft }) => soft !== null)
			? documents.flatMap(({ soft, length }): (number | null)[] => [...(soft ?? new Array<null>(length).fill(null))])
			: null,
	};
}

function startsOf(documents: readonly PredictedDocument[]): number[] {
	let next = 0;
	return documents.map(({ length }) => (next += length) - length);
}

function numbersOf({ start, end }: WordRange, first: number): number[] {
	return Array.from({ length: end - start }, (_, i) => first + start + i);
}

function masked({ gold, answers }: PredictedAnnotation): MaskedExample[] {
	const prediction = answers?.classification ?? null;
	if (prediction === null) return [];
	return [{ gold, prediction, masked: answers?.without ? bestLabel(answers.without) : null, control: [] }];
}

function maskedProbabilities({ answers }: PredictedAnnotation): MaskedProbabilities[] {
	const prediction = answers?.classification ?? null;
	const full = (prediction !== null && answers?.full?.[prediction]) ?? null;
	if (answers === null || prediction === null || typeof full !== 'number') return [];
	return [
		{
			prediction,
			full,
			mass: null,
			searches: {},
			scores: answers.thresholds === null ? null : [],
			answers: maskedAnswers(answers),
			soft: { missing: 'needs the model' },
			unanswered: 'needs the model',
		},
	];
}

/** Returns the distributions of one line of predictions by the names of our masked texts. */
function maskedAnswers({
	without,
	only,
	thresholds,
}: Pick<EraserAnswers, 'without' | 'only' | 'thresholds'>): MaskedAnswers {
	const answered: (readonly [SingleText, Distribution | null])[] = [
		[chosenMasked, without],
		[chosenKept, only],
		...(thresholds ?? []).flatMap((point) => [
			[bestMasked(point.threshold), point.without] as const,
			[bestKept(point.threshold), point.only] as const,
		]),
	];
	return Object.fromEntries(
		answered.flatMap(([{ name }, probabilities]) =>
			probabilities === null ? [] : [[name, { label: bestLabel(probabilities), probabilities, mass: null }]],
		),
	);
}

function bestLabel(distribution: Distribution): string {
	return Object.entries(distribution).reduce((best, next) => (next[1] > best[1] ? next : best), ['', -Infinity])[0];
}

/** As ERASER's scorer does, the first rationale decides what is scored (docs/metrics.md). */
function eraserScores({ annotations, leads }: EraserPredictions): Record<string, Score> {
	const documents = annotations.flatMap((annotation) => annotation.documents);
	const hard = leads.hard ? hardScores(documents) : { missing: `${lead} no hard_rationale_predictions` };
	const soft = leads.soft ? softScores(documents) : { missing: `${lead} no soft_rationale_predictions` };
	const ofHard = (value: (scores: HardScores) => number): Score => ('missing' in hard ? hard : scored(value(hard)));
	const ofSoft = (value: (scores: SoftScores) => Score): Score => ('missing' in soft ? soft : value(soft));
	return {
		'eraser.iou_f1.macro': ofHard(({ iou }) => iou.macro.f1),
		'eraser.iou_f1.micro': ofHard(({ iou }) => iou.micro.f1),
		'eraser.token_f1.macro': ofHard(({ token }) => token.macro.f1),
		'eraser.token_f1.micro': ofHard(({ token }) => token.micro.f1),
		'eraser.auprc': ofSoft(({ auprc }) => auprc),
		'eraser.average_precision': ofSoft(({ averagePrecision }) => averagePrecision),
		'eraser.roc_auc_score': ofSoft(({ rocAucScore }) => rocAucScore),
		...answerScores(annotations),
	};
}

const lead = 'the first rationale of the first line has';

type SoftScores = ReturnType<typeof eraserSoftScores>;

interface HardScores {
	readonly iou: MicroAndMacro;
	readonly token: MicroAndMacro;
}

function hardScores(documents: readonly PredictedDocument[]): HardScores | { readonly missing: string } {
	const compared: EraserDocument[] = documents.map(({ gold, hard }) => ({ gold, predicted: hard ?? [], scores: [] }));
	if (compared.every(({ gold }) => gold.length === 0)) return { missing: 'no evidence: ERASER divides by zero' };
	return { iou: eraserIouScores(compared), token: eraserTokenScores(compared) };
}

function softScores(documents: readonly PredictedDocument[]): SoftScores {
	const rated = documents.flatMap(({ gold, soft }) => (soft === null ? [] : [{ gold, predicted: [], scores: soft }]));
	return eraserSoftScores(rated);
}

function answerScores(annotations: readonly PredictedAnnotation[]): Record<string, Score> {
	const lines = annotations.flatMap(({ gold, answers }) =>
		answers?.classification == null ? [] : [{ gold, ...answers, classification: answers.classification }],
	);
	const { accuracy, ...drops } = eraserAnswerScores(lines);
	const unanswered = annotations.length - lines.length;
	return {
		'eraser.accuracy':
			unanswered === 0 ? accuracy : missing(`${unanswered} annotations have no classification: ERASER's scorer stops`),
		'eraser.comprehensiveness': drops.comprehensiveness,
		'eraser.comprehensiveness_aopc': drops.comprehensivenessAopc,
		'eraser.sufficiency': drops.sufficiency,
		'eraser.sufficiency_aopc': drops.sufficiencyAopc,
	};
}

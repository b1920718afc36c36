import type { MetricDeclaration } from '../core/declarations.ts';
import type { AlignedExample } from './alignment/alignedExample.ts';
import type { AnnotatedExample } from './alignment/perAnnotator.ts';
import { auprc } from './alignment/auprc.ts';
import { auroc } from './alignment/auroc.ts';
import { averagePrecision } from './alignment/averagePrecision.ts';
import { iouF1 } from './alignment/iouF1.ts';
import { kappa } from './alignment/kappa.ts';
import { tokenF1AnnotatorMax, tokenF1AnnotatorMean, tokenF1HumanCeiling } from './alignment/perAnnotator.ts';
import { tokenF1Macro, tokenF1Micro, tokenPrecisionMacro, tokenRecallMacro } from './alignment/tokenF1.ts';
import { flipCurveDeclaration } from './faithfulness/flipCurve.ts';
import { flipRate, flipRateExcess } from './faithfulness/flipRate.ts';
import type { MaskedExample } from './faithfulness/maskedExample.ts';
import { probabilityMeasures } from './faithfulness/measures.ts';
import type { Metric } from './metric.ts';
import { accuracy } from './prediction/accuracy.ts';
import { changedDecisions } from './prediction/changedDecisions.ts';
import { labelMass, labelMassLow } from './prediction/labelMass.ts';
import { majorityShare, predictionEntropy } from './prediction/labelDistribution.ts';
import { macroF1 } from './prediction/macroF1.ts';
import type { PredictedExample } from './prediction/predictedExample.ts';

/**
 * The metrics of every study, by family and id; a new one is its file, its test and its line here. Faithfulness metrics
 * on probabilities, which a study asks for, are in `faithfulness/measures.ts`.
 */
export const metrics = {
	prediction: {
		accuracy,
		macro_f1: macroF1,
		majority_share: majorityShare,
		prediction_entropy: predictionEntropy,
	},
	alignment: {
		'token_f1.macro': tokenF1Macro,
		'token_f1.micro': tokenF1Micro,
		'token_precision.macro': tokenPrecisionMacro,
		'token_recall.macro': tokenRecallMacro,
		iou_f1: iouF1,
		average_precision: averagePrecision,
		auprc,
		auroc,
		kappa,
	},
	faithfulness: {
		flip_rate: flipRate,
		'flip_rate.excess': flipRateExcess,
	},
} as const satisfies {
	prediction: Record<string, Metric<PredictedExample>>;
	alignment: Record<string, Metric<AlignedExample>>;
	faithfulness: Record<string, Metric<MaskedExample>>;
};

/** Agreement with annotators one by one, where texts have several. */
export const annotatorMetrics = {
	'token_f1.annotator_mean': tokenF1AnnotatorMean,
	'token_f1.annotator_max': tokenF1AnnotatorMax,
	'token_f1.human_ceiling': tokenF1HumanCeiling,
} as const satisfies Record<string, Metric<AnnotatedExample>>;

/** How far the labels are what a model says; only a model's own answers tell. */
export const labelMassMetrics = {
	label_mass: labelMass,
	'label_mass.low': labelMassLow,
} as const satisfies Record<string, Metric<PredictedExample>>;

/** Returns what all metrics say about themselves, in the order of the records. */
export function metricDeclarations(): MetricDeclaration[] {
	const always = Object.values(metrics).flatMap((family) =>
		Object.values(family).map(({ declaration }) => declaration),
	);
	const asked = Object.values(probabilityMeasures).flatMap((measure) => measure.metrics);
	const others = [...Object.values(labelMassMetrics), ...Object.values(annotatorMetrics), ...asked, changedDecisions];
	return [...always, ...others.map(({ declaration }) => declaration), flipCurveDeclaration];
}

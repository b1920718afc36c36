/** What the runner works on: settings (a model on a split of a dataset) and what decides their records. */
import type { Aggregation } from '../core/declarations.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import type { MeasureId } from '../evaluation/faithfulness/measures.ts';
import type { AttentionChoice } from '../llm/languageModel.ts';
import type { MaskingId } from '../rationales/masking.ts';
import type { MethodId } from '../rationales/methods.ts';
import { defaultPredictionTarget, type PredictionTargetId } from '../rationales/perturbation/predictionTargets.ts';
import type { UnitRule } from '../rationales/perturbation/units.ts';
import type { CountedSelectionId, SelectionId, Threshold } from '../rationales/selection.ts';
import type { TargetChoice, TargetId } from '../rationales/targets.ts';

/** How methods that look at predictions only change the text. */
export interface PerturbationSettings {
	/** What is taken away together. */
	readonly unit: UnitRule;
	/** How it is taken away. */
	readonly masking: MaskingId;
	/** The number they explain. */
	readonly target: PredictionTargetId;
	/** Most prompts scored per example and method; null for each method's own number. */
	readonly evaluations: number | null;
}

/** The share of a text's words that is chosen where nothing else says how many. */
export const defaultShareOfWords = 0.2;

export const defaultPerturbation: PerturbationSettings = {
	unit: 'word',
	masking: 'space',
	target: defaultPredictionTarget,
	evaluations: null,
};

/** What decides the rationales and their tests, beside model and data. */
export interface RationaleSettings {
	readonly seed: number;
	readonly methods: readonly MethodId[];
	readonly selections: readonly SelectionId[];
	readonly maskings: readonly MaskingId[];
	/** The number of words of selection `top_k`, null where that is not used. */
	readonly topK: number | null;
	/** The share of the words of selection `top_share`, null or left out where that is not used. */
	readonly topShare?: number | null;
	/** The rule for the number of words that `prompt.top_k` asks for. */
	readonly guidedBy: Exclude<CountedSelectionId, 'matched'>;
	/** The bound of selection `threshold`; null or left out where that is not used. */
	readonly threshold?: Threshold | null;
	/** What gradients explain; null for `diff` with two labels and `logodds_labels` with more. */
	readonly target: TargetId | TargetChoice | null;
	/** What gradients and attention give scores to; words when left out. */
	readonly unit?: UnitRule;
	/** How the scores of a unit's tokens become its score; each method's own rule where null or left out. */
	readonly aggregation?: Aggregation | null;
	/** What `attention` averages; the last layer and all heads when left out. */
	readonly attention?: AttentionChoice;
	readonly perturbation: PerturbationSettings;
	/** Upper limit of tokens in an answer that lists words. */
	readonly maxAnswerTokens: number;
	/** Same-size random choices of words per rationale. */
	readonly controlDraws: number;
	/** Shares of the words to mask, best first, rising. */
	readonly curve: readonly number[];
	/** What is asked about faithfulness. */
	readonly measures: readonly MeasureId[];
}

/** Returns the word numbers the study takes for an example's human rationale, null where nobody annotated it. */
export function annotatedOf(annotations: readonly (readonly number[])[]): number[] | null {
	return annotations.length === 0 ? null : aggregateAnnotators(annotations);
}

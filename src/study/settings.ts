/** What the runner works on: settings (a model on a split of a dataset) and what decides their records. */
import type { Aggregation } from '../core/declarations.ts';
import type { UserError } from '../core/errors.ts';
import type { Example } from '../core/example.ts';
import type { Task } from '../core/task.ts';
import { aggregateAnnotators } from '../evaluation/alignment/annotators.ts';
import type { MeasureId } from '../evaluation/faithfulness/measures.ts';
import type { ChosenTuning } from '../llm/calibration/tuning.ts';
import type { AttentionChoice, LanguageModel } from '../llm/languageModel.ts';
import type { ApiSettings } from '../llm/remote/apiSettings.ts';
import type { ModelPlace } from '../llm/modelPlace.ts';
import type { MaskingId } from '../rationales/masking.ts';
import type { MethodId } from '../rationales/methods.ts';
import { defaultPredictionTarget, type PredictionTargetId } from '../rationales/perturbation/predictionTargets.ts';
import type { UnitRule } from '../rationales/perturbation/units.ts';
import type { CountedSelectionId, SelectionId, Threshold } from '../rationales/selection.ts';
import type { TargetChoice, TargetId } from '../rationales/targets.ts';

/** A model of the study: its name, and what it is where the name does not say so. */
export interface ModelEntry {
	/** A bundled model or a hub id, where nothing else is given. */
	readonly id: string;
	/** Its folder. */
	readonly path: string | null;
	/** Folder of an adapter that changes it; none where null or left out. */
	readonly adapter?: string | null | undefined;
	/** Hub id, `org/name@revision`. */
	readonly hub?: string | undefined;
	/** Left out of the study where it cannot be used here; otherwise that is an error. */
	readonly optional?: boolean | undefined;
	/** How it is asked, where it is behind an API; default settings for a name that begins with `openai:`. */
	readonly api?: ApiSettings | undefined;
}

/** Where models come from; handed in by the caller. */
export interface ModelSource {
	/** Returns what `LanguageModel.identity` will be, without loading weights. */
	identify(model: ModelEntry): Promise<string>;
	/** The model is closed when the signal is aborted, and opening it is given up. */
	open(model: ModelEntry, signal?: AbortSignal): Promise<LanguageModel>;
	/** Returns why a model cannot be used here, without loading it; null where nothing is known to speak against it. */
	problem?(model: ModelEntry): UserError | null;
	/** Returns where the model's files lie; left out where models are not on this machine. */
	place?(model: ModelEntry): ModelPlace;
	/** Returns a line about the model for the report. */
	describe(model: ModelEntry): string | Promise<string>;
	/** Returns what it is computed with here, which decides the last digits of records; null for a model behind an API. */
	tuning?(model: ModelEntry): Promise<ChosenTuning | null>;
	/** Returns what its weights take, without loading them; null for a model that has none on this machine. */
	weights?(model: ModelEntry): Promise<ModelWeights | null>;
	/** Returns what opened models have cost, in words, where they cost anything. */
	notes?(): string[];
}

export interface ModelWeights {
	readonly parameters: number;
	/** On disk, from where they are mapped. */
	readonly bytes: number;
}

/** One split of a dataset, as loaded. */
export interface StudyDataset {
	readonly id: string;
	readonly title: string;
	readonly split: string;
	readonly task: Task;
	readonly examples: readonly Example[];
	/** Mean share of annotated words: the ratio of `top_ratio`. Null where nothing is annotated. */
	readonly meanShare: number | null;
}

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

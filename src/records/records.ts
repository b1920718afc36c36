/**
 * The lines of `records.jsonl`. Everything in the summary and the report follows from these and the resolved study.
 * A cell is one model x dataset x epoch x example (x method); its id is the hash of what decides its content.
 */
import type { Segment } from '../core/example.ts';
import type { MaskedAnswers, SearchResults } from '../evaluation/faithfulness/maskedProbabilities.ts';
import type { AnswerProblemKind } from '../core/answerProblem.ts';
import type { LikelyBeginning } from '../evaluation/prediction/predictedExample.ts';
import type { SoftlyMasked } from '../evaluation/faithfulness/softVariant.ts';

interface CellKey {
	/** `contentId` of model identity, dataset, example content, prompt, method and its options, seed, format version. */
	readonly cell: string;
	readonly model: string;
	readonly dataset: string;
	readonly split: string;
	readonly epoch: number | null;
	readonly example: string;
	/** The engine crashed twice over this text: a later run tries again, and what it finds takes the place of this record. */
	readonly crashed?: true;
}

/** The model's answer on the full text. */
export interface PredictionRecord extends CellKey {
	readonly kind: 'prediction';
	readonly segments: readonly Segment[];
	readonly gold: string | null;
	readonly prediction: string;
	/** Probabilities over the labels, renormalised to sum 1; none where the model only says the label. */
	readonly probabilities: Readonly<Record<string, number>>;
	/** Probability of the label set in the whole vocabulary; null where the model only says the label. */
	readonly mass: number | null;
	/** With what an answer for a label may begin, by label: the texts whose probabilities are summed. Left out by earlier versions. */
	readonly spellings?: Readonly<Record<string, readonly string[]>>;
	/** What the model is most likely to begin its answer with, best first; left out where it does not say. */
	readonly likeliest?: readonly LikelyBeginning[];
	/** Word numbers of each annotator. */
	readonly annotations: readonly (readonly number[])[];
	/** Words that annotators were not asked about, left out of agreement; none where left out. */
	readonly unjudged?: readonly number[];
	/** Tokens of the prompt. */
	readonly tokens: number;
	/** Words no token belongs to: never selectable (docs/methods.md B.1). */
	readonly wordsWithoutTokens: number;
	/** What the model thought before it said the label; left out where it said it at once. */
	readonly thought?: string;
	/** Left out where masked texts are scored as precisely as others. */
	readonly precisionCheck?: PrecisionCheck;
}

/** A sample of masked texts of one example, scored with reduced and with full precision. */
export interface PrecisionCheck {
	readonly compared: number;
	/** How many of them get another label. */
	readonly changed: number;
}

/** Takes the place of the prediction of an example that the model could not be asked about; its rationales are missing. */
export interface SkippedRecord extends CellKey {
	readonly kind: 'skipped';
	readonly gold: string | null;
	/** In words: `the prompt has 5000 tokens, the model reads 4096`. */
	readonly reason: string;
	/** Where a server gave no usable answer. */
	readonly problem?: AnswerProblemKind;
}

/** How a prompted answer was understood (docs/methods.md C.4). */
export type AnswerStatus = 'ok' | 'partial' | 'empty_match' | 'no_rationale';

export interface AnswerRecord {
	/** Without the thought, where the model was let think. */
	readonly raw: string;
	/** What the model thought before; left out where it was not let think. */
	readonly thought?: string;
	readonly status: AnswerStatus;
	/** True when a form with a given number of words was answered with another number. */
	readonly wrongLength: boolean;
	/** Listed items that no word of the text matches. */
	readonly unmatched: readonly string[];
	/** True where the answer ended at the upper limit of tokens, not by itself. */
	readonly cutOff?: true;
	/** The label given with the words, null where none was; left out for forms that ask for words only. */
	readonly label?: string | null;
}

/** Probability by label, renormalised to sum 1. */
export type Probabilities = Readonly<Record<string, number>>;

/** What soft measures need of a text and a method's scores: probabilities of the label predicted on the full text. */
export type SoftRecord = SoftlyMasked | { readonly missing: string };

/** One choice of words by one method, and what the model says without them. */
export interface SelectionRecord {
	/** `top_var`, `top_ratio`, `top_k`, `own`. */
	readonly selection: string;
	readonly words: readonly number[];
	/** Words left out that had the same score as the last one chosen. */
	readonly ties: number;
	/** Predicted label once the words are masked, by masking id. */
	readonly masked: Readonly<Record<string, string>>;
	/** The same for random words of the same number, one label per draw, by masking id. */
	readonly control: Readonly<Record<string, readonly string[]>>;
	/** Answers about masked texts made from these words, by masking and name; left out where no measure asks for them. */
	readonly answers?: Readonly<Record<string, MaskedAnswers>>;
}

/** What one method says about one example. */
export interface RationaleRecord extends CellKey {
	readonly kind: 'rationale';
	readonly method: string;
	/** Score per word, null where a word has no token; null for methods that only choose words. */
	readonly scores: readonly (number | null)[] | null;
	/** Why there is no rationale at all, else null. */
	readonly missing: string | null;
	/** The model's words, for prompting methods. */
	readonly answer: AnswerRecord | null;
	/** How far the scores can be trusted, by name; left out for methods that do not say. */
	readonly diagnostics?: Readonly<Record<string, number | null>>;
	/** Empty where `missing`; a selection that cannot be made (no annotation) is left out. */
	readonly selections: readonly SelectionRecord[];
	/** Predicted label with the best `share` of the words masked (first masking of the study), for methods with scores. */
	readonly curve: readonly { readonly share: number; readonly label: string }[] | null;
	/** Answers about masked texts made from the text or the scores, by masking and name; left out where no measure asks for them. */
	readonly answers?: Readonly<Record<string, MaskedAnswers>>;
	/** What searches found, by masking; left out where no measure searches, and for methods without scores. */
	readonly searches?: Readonly<Record<string, SearchResults>>;
	/** Left out where no measure masks embeddings. */
	readonly soft?: SoftRecord;
}

/** What the model answers when the task is put in another way. */
export interface VariantRecord extends CellKey {
	readonly kind: 'variant';
	readonly variant: string;
	readonly gold: string | null;
	/** Null where the model gave none: `reason` says why. */
	readonly prediction: string | null;
	readonly probabilities: Probabilities;
	readonly reason: string | null;
}

export type StudyRecord = PredictionRecord | SkippedRecord | RationaleRecord | VariantRecord;

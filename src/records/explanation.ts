/** The explanation of one text. Letter: W words. */
import type { LikelyBeginning } from '../evaluation/prediction/predictedExample.ts';
import type { MaskingId } from '../rationales/masking.ts';
import type { MethodId } from '../rationales/methods.ts';
import type { AnswerRecord, PrecisionCheck } from './records.ts';

export interface LabelPrediction {
	readonly label: string;
	/** Over the labels, sum 1; none where the model only says the label. */
	readonly probabilities: Readonly<Record<string, number>>;
	/** Probability of the label set in the whole vocabulary; null where the model only says the label. */
	readonly mass: number | null;
	/** What the answer is most likely to begin with, best first; of the full text, where the model says so. */
	readonly likeliest?: readonly LikelyBeginning[];
}

/** A number that a method gives with its scores. */
export interface TextDiagnostic {
	readonly name: string;
	readonly title: string;
	readonly value: number | null;
}

/** What one method says about the text. */
export interface MethodExplanation {
	readonly method: MethodId;
	readonly title: string;
	/** Why it says nothing, else null. */
	readonly missing: string | null;
	/** [W], null for a word without tokens; null for methods that only choose words. */
	readonly scores: readonly (number | null)[] | null;
	/** Word numbers, best first. */
	readonly chosen: readonly number[];
	/** Words left out that had the same score as the last one chosen. */
	readonly ties: number;
	/** How far the scores can be trusted; empty for methods that do not say. */
	readonly diagnostics: readonly TextDiagnostic[];
	/** What the model said, for prompting methods. */
	readonly answer: AnswerRecord | null;
	/** The prediction once the chosen words are masked; null where none are chosen. */
	readonly masked: LabelPrediction | null;
	/** Whether that is another label. */
	readonly flips: boolean | null;
}

export interface TextExplanation {
	readonly model: { readonly id: string; readonly identity: string };
	readonly task: string;
	readonly segments: readonly { readonly name: string; readonly text: string }[];
	/** By word number. */
	readonly words: readonly { readonly segment: number; readonly text: string }[];
	readonly prediction: LabelPrediction;
	/** What the model thought before it said the label; null where it said it at once. */
	readonly thought: string | null;
	/** Why the answer means nothing, where that is known of the model; else null. */
	readonly caution: string | null;
	readonly masking: MaskingId;
	/** Null where masked texts are scored as precisely as others. */
	readonly precisionCheck: PrecisionCheck | null;
	readonly methods: readonly MethodExplanation[];
}

/** Two methods' choices of words. */
export interface Overlap {
	readonly first: string;
	readonly second: string;
	/** Words that both chose. */
	readonly shared: number;
	/** Words that at least one chose. */
	readonly either: number;
	/** shared / either (Jaccard). */
	readonly overlap: number;
}

export interface Agreement {
	/** Methods that chose words: the others say nothing about agreement. */
	readonly methods: readonly string[];
	/** [W]: how many of these chose the word. */
	readonly votes: readonly number[];
	/** Every two of them, in order. */
	readonly overlaps: readonly Overlap[];
}

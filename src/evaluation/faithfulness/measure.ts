/** What a measure on probabilities declares: what it asks, and the metrics that read the answers. */
import type { Metric } from '../metric.ts';
import type { MaskedProbabilities } from './maskedProbabilities.ts';
import type { MaskedText } from './maskedText.ts';
import type { SoftVariant } from './softVariant.ts';

/** Asks about masked texts whose words follow from earlier answers, so that they cannot be told beforehand. */
export interface MaskedSearch {
	/** What it finds is kept by this name, the same for all methods. */
	readonly name: string;
	readonly run: (text: SearchedText) => Promise<Readonly<Record<string, number>>>;
}

/** A text that is searched. Letter: W words. */
export interface SearchedText {
	/** W. */
	readonly wordCount: number;
	/** Words with a token: only these can be masked. */
	readonly eligible: readonly number[];
	/** Returns what masking each set of words takes from the probability of the label predicted on the full text. */
	readonly drops: (sets: readonly (readonly number[])[]) => Promise<readonly number[]>;
}

/** Every text it needs is one more prediction per example, method and masking; measures share those of the same name. */
export interface FaithfulnessMeasure {
	/** Whose answers the metrics read by their names. */
	readonly texts: readonly MaskedText[];
	/** Run once per example and masking. */
	readonly searches?: readonly MaskedSearch[];
	/** Draws with dimensions of the embeddings dropped: such a measure is the same under all of the study's maskings. */
	readonly soft?: readonly SoftVariant[];
	/** Each says whether it judges the chosen words or the scores. */
	readonly metrics: readonly Metric<MaskedProbabilities>[];
}

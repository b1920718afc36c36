/** Soft masking: which dimensions of the embeddings are kept, and what the model then says. */

/** Which dimensions are kept: those of low scores (comprehensiveness) or of high ones (sufficiency). */
export type SoftSide = 'comprehensiveness' | 'sufficiency';

/** Draws of kept dimensions: at the scores' own size where `pi` is null, else with the expected share `pi` kept. */
export interface SoftVariant {
	readonly side: SoftSide;
	readonly pi: number | null;
}

/** One example's probabilities of the label predicted on its full text, with dimensions of its embeddings dropped. */
export interface SoftlyMasked {
	/** With all dimensions of all tokens dropped. */
	readonly empty: number;
	readonly variants: readonly (SoftVariant & { readonly draws: readonly number[] })[];
}

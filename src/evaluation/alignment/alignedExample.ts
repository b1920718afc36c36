import { InternalError } from '../../core/errors.ts';

/** One example with a human and a method's rationale. Words are numbered 0..wordCount-1. */
export interface AlignedExample {
	readonly wordCount: number;
	/** Annotated words; an example without any has nothing to align with and is missing from every metric. */
	readonly gold: readonly number[];
	/** Chosen words; null where there is no rationale to score. An empty list is a rationale: it agrees with nothing. */
	readonly predicted: readonly number[] | null;
	/** A score per word, null for a word no token belongs to; null where the method only chooses words. */
	readonly scores: readonly (number | null)[] | null;
}

/** Why an example without annotated words has no value. */
export const noAnnotation = 'no annotated words';

/** Throws `InternalError` unless the word numbers are different integers in 0..wordCount-1. */
export function requireWords(words: readonly number[], wordCount: number): void {
	const strange = words.find((word) => !Number.isInteger(word) || word < 0 || word >= wordCount);
	if (strange !== undefined) throw new InternalError(`word ${strange} of an example with ${wordCount} words`);
	if (new Set(words).size !== words.length) throw new InternalError(`word chosen twice: ${words.join(', ')}`);
}

import { InternalError } from '../../core/errors.ts';

/** How two sets of words of one text overlap, in words. `both` may be an expectation. */
export interface Overlap {
	readonly words: number;
	readonly gold: number;
	readonly predicted: number;
	readonly both: number;
}

/** Words with the same score, and how many of them are annotated. */
export interface TieGroup {
	readonly words: number;
	readonly gold: number;
}

/** One example with a human and a method's rationale. Words are numbered 0..wordCount-1. */
export interface AlignedExample {
	readonly wordCount: number;
	/** Annotated words; an example without any has nothing to align with and is missing from every metric. */
	readonly gold: readonly number[];
	/** Chosen words; null where there is no rationale to score. An empty list is a rationale: it agrees with nothing. */
	readonly predicted: readonly number[] | null;
	/** A score per word, null for a word no token belongs to; null where the method only chooses words. */
	readonly scores: readonly (number | null)[] | null;
	/** `overlapOf` its words, where many metrics ask for it (see `sharedOverlap`). */
	readonly overlap?: Overlap;
	/** `tieGroups` of its scores, where many metrics ask for them (see `sharedTies`). */
	readonly tieGroups?: readonly TieGroup[];
	/** Chance values of `iou_f1` by lengths of the chosen spans, for all examples with the same annotated words; filled by it. */
	readonly spansByChance?: Map<string, readonly [number, number]>;
}

/** Why an example without annotated words has no value. */
export const noAnnotation = 'no annotated words';

/** Throws `InternalError` unless the word numbers are different integers in 0..wordCount-1. */
export function requireWords(words: readonly number[], wordCount: number): void {
	const strange = words.find((word) => !Number.isInteger(word) || word < 0 || word >= wordCount);
	if (strange !== undefined) throw new InternalError(`word ${strange} of an example with ${wordCount} words`);
	if (hasTwins(words)) throw new InternalError(`word chosen twice: ${words.join(', ')}`);
}

/** Up to so many words, comparing all is faster than a set. */
const few = 16;

function hasTwins(words: readonly number[]): boolean {
	return words.length > few ? new Set(words).size !== words.length : words.some((word, i) => words.indexOf(word) !== i);
}

/** A number that may be missing, with the reason. Missing is never zero. */
export type Score = { readonly value: number } | { readonly missing: string };

/** Returns a score that holds a value; a value that is not finite becomes missing. */
export function scored(value: number): Score {
	return Number.isFinite(value) ? { value } : { missing: `not a finite number (${value})` };
}

/** Returns a score that is missing for a reason. */
export function missing(reason: string): Score {
	return { missing: reason };
}

/** Returns true when the score holds a value. */
export function hasValue(score: Score): score is { readonly value: number } {
	return 'value' in score;
}

/** Returns the values of the scores that have one. */
export function presentValues(scores: readonly Score[]): number[] {
	return scores.filter(hasValue).map((score) => score.value);
}

/** Why a method says nothing about an example. */
export interface Missing {
	readonly missing: string;
}

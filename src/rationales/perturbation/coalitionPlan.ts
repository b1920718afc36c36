/**
 * What a perturbation method asks and answers. A game (von Neumann's word, as in Shapley 1953) is a value v(S) for every
 * subset S of the units of a text: the target of the prompt in which only the units of S are kept. Letter: U units.
 */
import type { Random } from '../../core/random.ts';

/** A subset S of the units [U]: true for those that are kept. */
export type UnitSet = readonly boolean[];

export interface PlanRequest {
	/** U, at least 1. */
	readonly unitCount: number;
	readonly random: Random;
	/** Most subsets the caller can afford; null for the method's own number. */
	readonly evaluations: number | null;
}

/** All subsets whose value a method needs, known before anything runs, and how it reads the scores from them. */
export interface Plan {
	/** May name a subset several times; it is evaluated once. */
	readonly sets: readonly UnitSet[];
	/** Returns the scores from the values of `sets`, all finite. */
	read(values: readonly number[]): UnitScores;
}

/** Numbers that say how far scores can be trusted, by name; null where one does not exist. */
export type Diagnostics = Readonly<Record<string, number | null>>;

export interface UnitScores {
	/** [U]. */
	readonly scores: readonly number[];
	/** Of scores that are means of random draws [U]; null where nothing was drawn, or only once. */
	readonly standardErrors: readonly number[] | null;
	readonly diagnostics: Diagnostics;
}

/** Returns the subset with all units. */
export function fullSet(unitCount: number): UnitSet {
	return Array.from({ length: unitCount }, () => true);
}

/** Returns the empty subset. */
export function emptySet(unitCount: number): UnitSet {
	return Array.from({ length: unitCount }, () => false);
}

/** Returns the units that a subset leaves out. */
export function complement(set: UnitSet): UnitSet {
	return set.map((kept) => !kept);
}

/** Returns a name that two subsets share exactly when they are equal. */
export function nameOf(set: UnitSet): string {
	return set.map((kept) => (kept ? '1' : '0')).join('');
}

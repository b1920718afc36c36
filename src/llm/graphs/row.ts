/** Tokens as a graph reads them: where each stands, and rows of them. Letter: T tokens. */
import type { TokenIds } from '../languageModel.ts';

/** A token where it stands; what no later token attends to is left out of a sequence, so that positions may have gaps. */
export interface PlacedToken {
	readonly id: number;
	readonly position: number;
}

/** One row of a run; T tokens. */
export interface Row {
	readonly ids: TokenIds;
	/** [T], the position of each token in its prompt. */
	readonly positions: readonly number[];
	/** [T], the last place of the row from which a token is seen. */
	readonly ends: readonly number[];
	/** [T], the number of kept tokens before the row that a token sees; falling. */
	readonly reach: readonly number[];
	readonly readings: readonly Reading[];
}

/** Where a passage's reads are: `count` places of a row from `place` on. */
export interface Reading {
	readonly passage: number;
	readonly place: number;
	readonly count: number;
}

/** Returns the tokens of a prompt without those at the `blocked` positions, which keep their place all the same. */
export function placedTokens(ids: TokenIds, blocked: readonly number[] = []): PlacedToken[] {
	const tokens = ids.map((id, position) => ({ id, position }));
	if (blocked.length === 0) return tokens;
	const left = new Set(blocked);
	return tokens.filter(({ position }) => !left.has(position));
}

/** Returns the row of one passage that sees all of the `kept` tokens before it and is not read. */
export function plainRow(tokens: readonly PlacedToken[], kept: number): Row {
	return {
		ids: tokens.map(({ id }) => id),
		positions: tokens.map(({ position }) => position),
		ends: tokens.map(() => tokens.length - 1),
		reach: tokens.map(() => kept),
		readings: [],
	};
}

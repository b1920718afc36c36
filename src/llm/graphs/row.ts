/** One row of token ids as a graph reads it. Letter: T tokens. */
import type { TokenIds } from '../languageModel.ts';
import type { PlacedToken } from '../prefix/prefixTree.ts';

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

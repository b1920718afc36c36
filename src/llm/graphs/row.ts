/** Tokens as a graph reads them: where each stands, and rows of them. Letter: T tokens. */
import type { TokenIds } from '../languageModel.ts';

/** A token where it stands; what no later token attends to is left out of a sequence, so that positions may have gaps. */
export interface PositionedToken {
	readonly id: number;
	readonly position: number;
}

/** One row of a run; T tokens. */
export interface Row {
	readonly ids: TokenIds;
	/** [T], the position of each token in its prompt. */
	readonly positions: readonly number[];
	/** [T], the last index of the row from which a token is seen. */
	readonly visibleUntil: readonly number[];
	/** [T], the number of cached tokens before the row that a token sees; falling. */
	readonly visiblePrefix: readonly number[];
	readonly readouts: readonly Readout[];
}

/** Where a sequence is read after: `count` tokens of a row from `index` on. */
export interface Readout {
	readonly sequence: number;
	readonly index: number;
	readonly count: number;
}

/** Returns the tokens of a prompt without those at the `blocked` positions, which keep their positions all the same. */
export function positionedTokens(ids: TokenIds, blocked: readonly number[] = []): PositionedToken[] {
	const tokens = ids.map((id, position) => ({ id, position }));
	if (blocked.length === 0) return tokens;
	const left = new Set(blocked);
	return tokens.filter(({ position }) => !left.has(position));
}

/** Returns the row of one sequence that sees all of the `cached` tokens before it and is not read. */
export function plainRow(tokens: readonly PositionedToken[], cached: number): Row {
	return {
		ids: tokens.map(({ id }) => id),
		positions: tokens.map(({ position }) => position),
		visibleUntil: tokens.map(() => tokens.length - 1),
		visiblePrefix: tokens.map(() => cached),
		readouts: [],
	};
}

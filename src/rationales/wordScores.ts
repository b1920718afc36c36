/** From scores per token to scores per word (docs/methods.md B.2). Letters: T tokens, W words. */
import type { Aggregation } from '../core/declarations.ts';
import { InternalError } from '../core/errors.ts';
import { itemAt, zip } from '../core/present.ts';
import type { Missing } from '../core/score.ts';
import type { Attribution } from './attribution.ts';

const aggregate: Readonly<Record<Aggregation, (scores: readonly [number, ...number[]]) => number>> = {
	sum: (scores) => scores.reduce((total, score) => total + score, 0),
	max: (scores) => Math.max(...scores),
	mean: (scores) => scores.reduce((total, score) => total + score, 0) / scores.length,
	first: ([score]) => score,
};

/**
 * Returns the score of each word [W] from token scores [T]: null for a word without tokens. Missing, with the reason,
 * where any token of the prompt has a score that is not finite: such a pass is not to be trusted anywhere.
 * Throws where a word has a token beyond T.
 */
export function wordScores(
	tokenScores: ArrayLike<number>,
	tokensOfWord: readonly (readonly number[])[],
	aggregation: Aggregation,
): { readonly scores: readonly (number | null)[] } | Missing {
	const tokens = Array.from(tokenScores);
	const broken = tokens.findIndex((score) => !Number.isFinite(score));
	if (broken >= 0) return { missing: `the score of token ${broken} is not a finite number (${tokens[broken]})` };
	return {
		scores: tokensOfWord.map((positions) => {
			const [first, ...rest] = positions.map((position) => tokens[position] ?? outside(position, tokens.length));
			return first === undefined ? null : aggregate[aggregation]([first, ...rest]);
		}),
	};
}

/** What the tokens of a text belong to. */
export interface TokenUnits {
	/** [W]. */
	readonly tokensOfWord: readonly (readonly number[])[];
	/** Words of each unit that scores are given to [U]; a word in none has no score. */
	readonly units: readonly (readonly number[])[];
}

/**
 * Returns the attribution of words from token scores [T]. A unit's score is that of all its tokens; its words share a sum
 * evenly, and each have any other score, so that sums stay what they are. Missing and throws as `wordScores`.
 */
export function rankTokens(
	tokenScores: ArrayLike<number>,
	{ tokensOfWord, units }: TokenUnits,
	aggregation: Aggregation,
): Attribution | Missing {
	const tokensOfUnit = units.map((words) => words.flatMap((word) => itemAt(tokensOfWord, word)));
	const found = wordScores(tokenScores, tokensOfUnit, aggregation);
	if ('missing' in found) return found;
	const scores: (number | null)[] = tokensOfWord.map(() => null);
	for (const [words, score] of zip(units, found.scores)) {
		for (const word of words) scores[word] = score === null || aggregation !== 'sum' ? score : score / words.length;
	}
	return { scores, own: null };
}

/**
 * Returns word scores [W] with null for every word without tokens: such a word cannot be masked, so nobody may choose
 * it. A method from elsewhere may give more scores than there are words; those belong to none.
 */
export function nullWithoutTokens(
	scores: readonly (number | null)[],
	tokensOfWord: readonly (readonly number[])[],
): (number | null)[] {
	return scores.map((score, word) => {
		const tokens = tokensOfWord[word];
		return tokens === undefined || tokens.length === 0 ? null : score;
	});
}

function outside(position: number, length: number): never {
	throw new InternalError(`a word has token ${position}, the pass has scores for ${length} tokens`);
}

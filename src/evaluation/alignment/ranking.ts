import type { MetricDeclaration } from '../../core/declarations.ts';
import { InternalError } from '../../core/errors.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, type Metric } from '../metric.ts';
import { type AlignedExample, noAnnotation, requireWords } from './alignedExample.ts';

/** Words with the same score, and how many of them are annotated. */
export interface TieGroup {
	readonly words: number;
	readonly gold: number;
}

/**
 * Returns the words by falling score, equal scores as one group; words without a score come last, as one group
 * (docs/methods.md B.1). Throws `InternalError` for a word number that cannot be or a score that is not finite.
 */
export function tieGroups(gold: readonly number[], scores: readonly (number | null)[]): TieGroup[] {
	requireWords(gold, scores.length);
	const marked = new Set(gold);
	const groups = new Map<number, { words: number; gold: number }>();
	for (const [word, score] of scores.entries()) {
		const key = rank(word, score);
		const group = groups.get(key) ?? { words: 0, gold: 0 };
		groups.set(key, { words: group.words + 1, gold: group.gold + (marked.has(word) ? 1 : 0) });
	}
	return [...groups].toSorted(([a], [b]) => (a > b ? -1 : 1)).map(([, group]) => group);
}

/** Returns the mean over examples of a score of the ranking; `expected` is its mean for a random order of the words. */
export function rankingMetric(
	declaration: MetricDeclaration,
	score: (gold: readonly number[], scores: readonly (number | null)[]) => Score,
	expected: (wordCount: number, gold: number) => number,
): Metric<AlignedExample> {
	return meanMetric(
		declaration,
		({ wordCount, gold, scores }) => {
			if (gold.length === 0) return missing(noAnnotation);
			if (gold.length === wordCount) return missing('every word is annotated');
			if (scores === null) return missing('no scores');
			if (scores.length !== wordCount) throw new InternalError(`${scores.length} scores of ${wordCount} words`);
			return scores.every((value) => value === null) ? missing('no word has a score') : score(gold, scores);
		},
		({ wordCount, gold }) => scored(expected(wordCount, gold.length)),
	);
}

function rank(word: number, score: number | null): number {
	if (score === null) return -Infinity;
	if (!Number.isFinite(score)) throw new InternalError(`word ${word} has the score ${score}`);
	return score;
}

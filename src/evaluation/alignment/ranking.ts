import type { MetricDeclaration } from '../../core/declarations.ts';
import { InternalError } from '../../core/errors.ts';
import { itemAt } from '../../core/present.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, type Metric } from '../metric.ts';
import { type AlignedExample, noAnnotation, requireWords, type TieGroup } from './alignedExample.ts';

/**
 * Returns the words by falling score, equal scores as one group; words without a score come last, as one group
 * (docs/methods.md B.1). Throws `InternalError` for a word number that cannot be or a score that is not finite.
 */
export function tieGroups(gold: readonly number[], scores: readonly (number | null)[]): TieGroup[] {
	requireWords(gold, scores.length);
	const all = Float64Array.from(scores, (score, word) => rank(word, score)).toSorted();
	const annotated = Float64Array.from(gold, (word) => rank(word, itemAt(scores, word))).toSorted();
	const groups: TieGroup[] = [];
	for (let [i, g] = [all.length, annotated.length]; i > 0; ) {
		const [value, end, goldEnd] = [all[i - 1], i, g];
		while (i > 0 && all[i - 1] === value) i--;
		while (g > 0 && annotated[g - 1] === value) g--;
		groups.push({ words: end - i, gold: goldEnd - g });
	}
	return groups;
}

/**
 * Returns the mean over examples of a score of the ranking, which is that of its groups of equal scores; `expected` is its
 * mean for a random order of the words.
 */
export function rankingMetric(
	declaration: MetricDeclaration,
	score: (groups: readonly TieGroup[]) => Score,
	expected: (wordCount: number, gold: number) => number,
): Metric<AlignedExample> {
	return meanMetric(
		declaration,
		(example) => {
			const unranked = whyUnranked(example);
			return unranked === null
				? score(example.tieGroups ?? tieGroups(example.gold, example.scores ?? []))
				: missing(unranked);
		},
		({ wordCount, gold }) => scored(expected(wordCount, gold.length)),
	);
}

/** Returns the example with its scores grouped, once for all metrics. Throws `InternalError` as `tieGroups` does. */
export function sharedTies(example: AlignedExample): AlignedExample {
	return whyUnranked(example) === null
		? { ...example, tieGroups: tieGroups(example.gold, example.scores ?? []) }
		: example;
}

/** Returns why there is no ranking to judge, null where there is one. */
function whyUnranked({ wordCount, gold, scores }: AlignedExample): string | null {
	if (gold.length === 0) return noAnnotation;
	if (gold.length === wordCount) return 'every word is annotated';
	if (scores === null) return 'no scores';
	if (scores.length !== wordCount) throw new InternalError(`${scores.length} scores of ${wordCount} words`);
	return scores.every((value) => value === null) ? 'no word has a score' : null;
}

function rank(word: number, score: number | null): number {
	if (score === null) return -Infinity;
	if (!Number.isFinite(score)) throw new InternalError(`word ${word} has the score ${score}`);
	return score;
}

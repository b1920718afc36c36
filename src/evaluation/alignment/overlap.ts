import type { MetricDeclaration } from '../../core/declarations.ts';
import { itemAt } from '../../core/present.ts';
import type { Score } from '../../core/score.ts';
import { meanMetric, type Metric, type Summand } from '../metric.ts';
import { type AlignedExample, noAnnotation, type Overlap, requireWords } from './alignedExample.ts';

/** Returns the overlap of two word sets. Throws `InternalError` for word numbers that cannot be. */
export function overlapOf(wordCount: number, gold: readonly number[], predicted: readonly number[]): Overlap {
	requireWords(gold, wordCount);
	requireWords(predicted, wordCount);
	const marked = new Set(gold);
	const both = predicted.filter((word) => marked.has(word)).length;
	return { words: wordCount, gold: gold.length, predicted: predicted.length, both };
}

/**
 * Returns the overlap with as many random words: `E[both] = predicted gold / words` (hypergeometric mean, docs/methods.md
 * D.8). Metrics that are linear in `both` take their expected value on it.
 */
export function chanceOverlap(overlap: Overlap): Overlap {
	return { ...overlap, both: overlap.words === 0 ? 0 : (overlap.predicted * overlap.gold) / overlap.words };
}

/** Returns the mean over examples of a score that is linear in `both`. */
export function meanOverlapMetric(
	declaration: MetricDeclaration,
	score: (overlap: Overlap) => Score,
): Metric<AlignedExample> {
	return meanMetric(
		declaration,
		(example) => ofOverlap(example, score),
		(example) => ofOverlap(example, (overlap) => score(chanceOverlap(overlap))),
	);
}

/** Returns the score, linear in `both`, of the overlaps of all examples added up. */
export function pooledOverlapMetric(
	declaration: MetricDeclaration,
	score: (overlap: Overlap) => Score,
): Metric<AlignedExample> {
	const summand = ({ words, gold, predicted, both }: Overlap): Summand => ({ amounts: [words, gold, predicted, both] });
	return {
		declaration,
		isMean: false,
		summand: (example) => ofOverlap(example, summand),
		expected: (example) => ofOverlap(example, (overlap) => summand(chanceOverlap(overlap))),
		combine: (sums) => {
			const [words, gold, predicted, both] = [itemAt(sums, 0), itemAt(sums, 1), itemAt(sums, 2), itemAt(sums, 3)];
			return score({ words, gold, predicted, both });
		},
	};
}

/** Returns the example with its overlap worked out, once for all metrics. Throws `InternalError` for word numbers that cannot be. */
export function sharedOverlap(example: AlignedExample): AlignedExample {
	const { wordCount, gold, predicted } = example;
	if (gold.length === 0 || predicted === null) return example;
	return { ...example, overlap: overlapOf(wordCount, gold, predicted) };
}

function ofOverlap<Result>(
	{ wordCount, gold, predicted, overlap }: AlignedExample,
	result: (overlap: Overlap) => Result,
): Result | { readonly missing: string } {
	if (gold.length === 0) return { missing: noAnnotation };
	if (predicted === null) return { missing: 'no rationale' };
	return result(overlap ?? overlapOf(wordCount, gold, predicted));
}

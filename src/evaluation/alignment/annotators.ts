import { missing, presentValues, type Score, scored } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';

/** `union`: words anyone marked. `majority`: words more than half of the annotators marked (one of two is out). */
export type AnnotatorRule = 'union' | 'majority';

/**
 * Returns the words, in order, that the rule takes from the annotators' word numbers (docs/methods.md D.7). Without a rule:
 * majority from three annotators on, else union (docs/methods.md G).
 */
export function aggregateAnnotators(
	annotations: readonly (readonly number[])[],
	rule: AnnotatorRule = annotations.length >= 3 ? 'majority' : 'union',
): number[] {
	const votes = new Map<number, number>();
	for (const word of annotations.flatMap((words) => [...new Set(words)])) votes.set(word, (votes.get(word) ?? 0) + 1);
	const needed = rule === 'union' ? 0 : annotations.length / 2;
	return [...votes].flatMap(([word, count]) => (count > needed ? [word] : [])).toSorted((a, b) => a - b);
}

/** Returns the mean and the largest of the scores against each annotator alone; annotators without a score are left out. */
export function againstEachAnnotator(
	annotations: readonly (readonly number[])[],
	score: (gold: readonly number[]) => Score,
): { mean: Score; largest: Score } {
	const values = presentValues(annotations.map(score));
	const largest = values.length === 0 ? missing('no annotator has a score') : scored(Math.max(...values));
	return { mean: mean(values), largest };
}

import { InternalError } from '../../core/errors.ts';
import { missing, type Score, scored } from '../../core/score.ts';
import { tieGroups } from './ranking.ts';

/**
 * Returns the share of annotated words among the `k` best, `TP(k) / k` (docs/methods.md D.5), in expectation over random
 * orders of equal scores; R-precision with `k = gold.length`. Missing when the text has fewer than `k` words.
 * Throws `InternalError` unless `k` is a positive integer.
 */
export function precisionAtK(gold: readonly number[], scores: readonly (number | null)[], k: number): Score {
	if (!Number.isInteger(k) || k < 1) throw new InternalError(`precision at ${k}`);
	if (scores.length < k) return missing(`fewer than ${k} words`);
	let [room, found] = [k, 0];
	for (const group of tieGroups(gold, scores)) {
		const taken = Math.min(room, group.words);
		found += (taken * group.gold) / group.words;
		room -= taken;
	}
	return scored(found / k);
}

import { missing, type Score, scored } from '../../core/score.ts';
import { hypergeometric } from '../statistics/combinatorics.ts';
import type { Overlap } from './alignedExample.ts';

/**
 * Returns the words in both sets over the words in either, `both / (gold + predicted - both)`: ferret's `token_iou`,
 * not ERASER's IOU of spans (docs/methods.md D.2). Missing when both sets are empty.
 */
export function tokenIou({ gold, predicted, both }: Overlap): Score {
	const either = gold + predicted - both;
	return either === 0 ? missing('no annotated and no chosen words') : scored(both / either);
}

/**
 * Returns `sum over t of P(t) t / (gold + predicted - t)`, the token IoU of `predicted` random words, `t` hypergeometric
 * (docs/methods.md D.8); it is not linear in `t`. Missing when both sets are empty.
 */
export function expectedTokenIou({ words, gold, predicted }: Omit<Overlap, 'both'>): Score {
	if (gold + predicted === 0) return missing('no annotated and no chosen words');
	let expected = 0;
	for (const { hits, probability } of hypergeometric(words, gold, predicted)) {
		expected += (probability * hits) / (gold + predicted - hits);
	}
	return scored(expected);
}

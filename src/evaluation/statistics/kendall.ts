import { InternalError } from '../../core/errors.ts';
import { missing, type Score, scored } from '../../core/score.ts';

/**
 * Returns Kendall's tau-b of two lists of numbers, `(C - D) / sqrt((P - ties in a) (P - ties in b))` over the P pairs
 * (Kendall 1945), in quadratic time; missing where one list is constant or holds fewer than two numbers. Throws
 * `InternalError` when the lists differ in length.
 */
export function kendallTauB(a: readonly number[], b: readonly number[]): Score {
	if (a.length !== b.length) throw new InternalError(`${a.length} and ${b.length} paired numbers`);
	let [agreement, untiedInA, untiedInB] = [0, 0, 0];
	for (let i = 0; i < a.length; i++) {
		for (let j = 0; j < i; j++) {
			const signs = [Math.sign((a[i] ?? NaN) - (a[j] ?? NaN)), Math.sign((b[i] ?? NaN) - (b[j] ?? NaN))] as const;
			agreement += signs[0] * signs[1];
			untiedInA += Math.abs(signs[0]);
			untiedInB += Math.abs(signs[1]);
		}
	}
	if (untiedInA === 0 || untiedInB === 0) return missing('all equal: no order to compare');
	return scored(agreement / Math.sqrt(untiedInA * untiedInB));
}

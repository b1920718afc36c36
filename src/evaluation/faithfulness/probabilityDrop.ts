import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';
import { eraserBins, probabilityAt, type ProbedExample, type ProbedPoint } from './probedExample.ts';

/** Returns `m(x) - m(variant)`. */
export function drop({ full }: ProbedExample, variant: Score): Score {
	return hasValue(variant) ? scored(full - variant.value) : variant;
}

/**
 * Returns the mean drop over ERASER's bins, as its code has it; its paper divides by one more, for an empty bin
 * (docs/methods.md E.4). Missing where any bin is.
 */
export function meanDropOverBins(example: ProbedExample, curve: readonly ProbedPoint[] | null): Score {
	const drops: number[] = [];
	for (const share of eraserBins) {
		const score = drop(example, probabilityAt(curve, share));
		if (!hasValue(score)) return score;
		drops.push(score.value);
	}
	return mean(drops);
}

/**
 * Returns what masking every word takes from m, the largest drop that normalised scores allow; missing where it takes
 * nothing, as for a model that always gives one answer (docs/methods.md E.4).
 */
export function largestDrop({ full, empty }: ProbedExample): Score {
	if (empty === null) return missing('not asked with every word masked');
	return full > empty ? scored(full - empty) : missing('masking every word does not lower the probability');
}

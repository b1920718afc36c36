import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';
import { eraserBins, probabilityAt, type ProbedExample, type ProbedPoint } from './probedExample.ts';

/** Returns `m(x) - m(variant)`. */
export function drop({ full }: ProbedExample, variant: Score): Score {
	return hasValue(variant) ? scored(full - variant.value) : variant;
}

/**
 * Returns the drop of the predicted label's probability in the whole vocabulary: masking can take it from all labels
 * together, which probabilities among the labels hide (docs/methods.md E.13).
 */
export function vocabularyDrop({ full, masked, kept, mass }: ProbedExample, variant: 'masked' | 'kept'): Score {
	const [probability, share] = [variant === 'masked' ? masked : kept, mass[variant]];
	if (probability === null) return missing('no rationale');
	if (mass.full === null || share === null) return missing('no probabilities in the whole vocabulary');
	return scored(full * mass.full - probability * share);
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

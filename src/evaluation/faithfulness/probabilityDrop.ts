import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { mean } from '../statistics/mean.ts';
import { answerTo, eraserBins, type MaskedProbabilities, probabilityOf, unanswered } from './maskedProbabilities.ts';
import { allMasked, type SingleText } from './maskedText.ts';

/** Returns `m(x) - m(masked text)`. */
export function drop(example: MaskedProbabilities, text: SingleText): Score {
	return dropTo(example, probabilityOf(example, text));
}

/** Returns `m(x) - probability`. */
export function dropTo({ full }: MaskedProbabilities, probability: Score): Score {
	return hasValue(probability) ? scored(full - probability.value) : probability;
}

/**
 * Returns the drop of the predicted label's probability in the whole vocabulary: masking can take it from all labels
 * together, which probabilities among the labels hide (docs/methods.md E.13).
 */
export function vocabularyDrop(example: MaskedProbabilities, text: SingleText): Score {
	const answer = answerTo(example, text);
	if (answer === null) return unanswered(example, text);
	const probability = probabilityOf(example, text);
	if (!hasValue(probability)) return probability;
	if (example.mass === null || answer.mass === null) return missing('no probabilities in the whole vocabulary');
	return scored(example.full * example.mass - probability.value * answer.mass);
}

/**
 * Returns the mean drop over ERASER's bins, as its code has it; its paper divides by one more, for an empty bin
 * (docs/methods.md E.4). Missing where any bin is.
 */
export function meanDropOverBins(example: MaskedProbabilities, textAt: (share: number) => SingleText): Score {
	const drops: number[] = [];
	for (const share of eraserBins) {
		const score = drop(example, textAt(share));
		if (!hasValue(score)) return score;
		drops.push(score.value);
	}
	return mean(drops);
}

/**
 * Returns what masking every word takes from m, the largest drop that normalised scores allow; missing where it takes
 * nothing, as for a model that always gives one answer (docs/methods.md E.4).
 */
export function largestDrop(example: MaskedProbabilities): Score {
	const found = drop(example, allMasked);
	if (!hasValue(found) || found.value > 0) return found;
	return missing('masking every word does not lower the probability');
}

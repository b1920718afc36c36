import { missing, type Score, scored } from '../../core/score.ts';
import type { Overlap } from './alignedExample.ts';
import { meanOverlapMetric, pooledOverlapMetric } from './overlap.ts';

/**
 * Share of the chosen words that are annotated, `both / predicted`; 0 when nothing is chosen, as in ERASER and
 * scikit-learn, so that precision, recall and F1 speak of the same examples (docs/methods.md D.1).
 */
export function tokenPrecision({ predicted, both }: Overlap): Score {
	return scored(predicted === 0 ? 0 : both / predicted);
}

/** Share of the annotated words that are chosen, `both / gold`; missing without annotated words. */
export function tokenRecall({ gold, both }: Overlap): Score {
	return gold === 0 ? missing('no annotated words') : scored(both / gold);
}

/** Harmonic mean of precision and recall, `2 both / (gold + predicted)`; missing without annotated words. */
export function tokenF1({ gold, predicted, both }: Overlap): Score {
	return gold === 0 ? missing('no annotated words') : scored((2 * both) / (gold + predicted));
}

const source =
	'DeYoung et al. 2020 (ERASER), score_hard_rationale_predictions; examples without annotated words are left out';
const common = {
	family: 'alignment',
	range: [0, 1],
	better: 'higher',
	needs: 'annotations',
	judges: 'chosen',
	source,
} as const;

/** Mean of the examples' F1, not F1 of the means. */
export const tokenF1Macro = meanOverlapMetric(
	{ id: 'token_f1.macro', title: 'Token F1, mean over examples', ...common },
	tokenF1,
);

/** F1 of the words of all examples thrown together. */
export const tokenF1Micro = pooledOverlapMetric(
	{ id: 'token_f1.micro', title: 'Token F1, over all words', ...common },
	tokenF1,
);

export const tokenPrecisionMacro = meanOverlapMetric(
	{ id: 'token_precision.macro', title: 'Token precision, mean over examples', ...common },
	tokenPrecision,
);

export const tokenRecallMacro = meanOverlapMetric(
	{ id: 'token_recall.macro', title: 'Token recall, mean over examples', ...common },
	tokenRecall,
);

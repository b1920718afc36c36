import type { Score } from '../../core/score.ts';
import type { TieGroup } from './alignedExample.ts';
import { expectedAveragePrecision } from './averagePrecision.ts';
import { areaUnder, precisionRecallCurve } from './precisionRecallCurve.ts';
import { rankingMetric, tieGroups } from './ranking.ts';

/**
 * Returns the area under the precision-recall curve by trapezoids from (recall 0, precision 1), as scikit-learn's
 * `precision_recall_curve` with `auc` (docs/methods.md D.3, D.4). Constant scores give (1 + G/W) / 2: prefer the average
 * precision where many scores are equal. Missing when no word is annotated, where scikit-learn 1.9 says 0.5.
 */
export function auprcOf(gold: readonly number[], scores: readonly (number | null)[]): Score {
	return ofGroups(tieGroups(gold, scores));
}

function ofGroups(groups: readonly TieGroup[]): Score {
	return areaUnder(precisionRecallCurve(groups), (point, before) => (point.precision + before.precision) / 2);
}

/**
 * Returns E[AUPRC] of a random order without ties, `(E[AP] + G/W) / 2`: a step is taken at an annotated word, at rank n
 * with probability G/W; the precision before it is 1 at n = 1 and (G-1)/(W-1) on average later, so its mean over the
 * steps is G/W; the precision after it averages to E[AP].
 */
export function expectedAuprc(words: number, gold: number): number {
	return (expectedAveragePrecision(words, gold) + gold / words) / 2;
}

/** Mean over examples; unlike ERASER's, without the texts in which no word or every word is annotated. */
export const auprc = rankingMetric(
	{
		id: 'auprc',
		title: 'Area under the precision-recall curve',
		family: 'alignment',
		range: [0, 1],
		better: 'higher',
		needs: 'annotations',
		judges: 'scores',
		source: 'DeYoung et al. 2020 (ERASER), score_soft_tokens; degenerate texts left out',
	},
	ofGroups,
	expectedAuprc,
);

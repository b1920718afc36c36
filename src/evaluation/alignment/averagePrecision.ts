import type { Score } from '../../core/score.ts';
import type { TieGroup } from './alignedExample.ts';
import { areaUnder, precisionRecallCurve } from './precisionRecallCurve.ts';
import { rankingMetric, tieGroups } from './ranking.ts';

/**
 * Returns `sum of (R_n - R_(n-1)) P_n` over groups of equal scores, as scikit-learn's `average_precision_score`
 * (docs/methods.md D.4); missing when no word is annotated, where scikit-learn says 0.
 */
export function averagePrecisionOf(gold: readonly number[], scores: readonly (number | null)[]): Score {
	return ofGroups(tieGroups(gold, scores));
}

function ofGroups(groups: readonly TieGroup[]): Score {
	return areaUnder(precisionRecallCurve(groups), (point) => point.precision);
}

/** Returns E[AP] of a random order without ties, `(H_W + (G-1)/(W-1) (W - H_W)) / W` (docs/methods.md D.8). */
export function expectedAveragePrecision(words: number, gold: number): number {
	if (words === 1) return gold;
	let harmonic = 0;
	for (let i = 1; i <= words; i++) harmonic += 1 / i;
	return (harmonic + ((gold - 1) / (words - 1)) * (words - harmonic)) / words;
}

/** Mean over examples (MAP); texts whose words are all annotated have no ranking to judge, as in ERASER. */
export const averagePrecision = rankingMetric(
	{
		id: 'average_precision',
		title: 'Average precision of the word scores',
		family: 'alignment',
		range: [0, 1],
		better: 'higher',
		needs: 'annotations',
		judges: 'scores',
		source: 'scikit-learn average_precision_score per example; DeYoung et al. 2020 (ERASER), score_soft_tokens',
	},
	ofGroups,
	expectedAveragePrecision,
);

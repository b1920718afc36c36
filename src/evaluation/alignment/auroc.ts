import { missing, type Score, scored } from '../../core/score.ts';
import type { TieGroup } from './alignedExample.ts';
import { rankingMetric, tieGroups } from './ranking.ts';

/**
 * Returns the share of pairs (annotated, other word) in which the annotated word scores higher, equal scores as half:
 * `(sum of midranks of annotated words - G(G+1)/2) / (G (W - G))` (docs/methods.md D.5). Missing unless both kinds occur.
 */
export function aurocOf(gold: readonly number[], scores: readonly (number | null)[]): Score {
	return ofGroups(tieGroups(gold, scores));
}

function ofGroups(groups: readonly TieGroup[]): Score {
	let [marked, others] = [0, 0];
	for (const { words, gold } of groups) {
		marked += gold;
		others += words - gold;
	}
	if (marked === 0 || others === 0) return missing('annotated and other words must both occur');
	let [below, won] = [others, 0];
	for (const { words, gold } of groups) {
		const tied = words - gold;
		below -= tied;
		won += gold * (below + tied / 2);
	}
	return scored(won / (marked * others));
}

/** Mean over examples; 0.5 by chance. */
export const auroc = rankingMetric(
	{
		id: 'auroc',
		title: 'Area under the ROC curve of the word scores',
		family: 'alignment',
		range: [0, 1],
		better: 'higher',
		needs: 'annotations',
		judges: 'scores',
		source: 'scikit-learn roc_auc_score per example; DeYoung et al. 2020 (ERASER), score_soft_tokens',
	},
	ofGroups,
	() => 0.5,
);

import { missing, type Score, scored } from '../../core/score.ts';
import { rankingMetric, tieGroups } from './ranking.ts';

/**
 * Returns the share of pairs (annotated, other word) in which the annotated word scores higher, equal scores as half:
 * `(sum of midranks of annotated words - G(G+1)/2) / (G (W - G))` (docs/methods.md D.5). Missing unless both kinds occur.
 */
export function aurocOf(gold: readonly number[], scores: readonly (number | null)[]): Score {
	const others = scores.length - gold.length;
	if (gold.length === 0 || others === 0) return missing('annotated and other words must both occur');
	let [below, won] = [others, 0];
	for (const group of tieGroups(gold, scores)) {
		const tied = group.words - group.gold;
		below -= tied;
		won += group.gold * (below + tied / 2);
	}
	return scored(won / (gold.length * others));
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
	aurocOf,
	() => 0.5,
);

import { missing, type Score, scored } from '../../core/score.ts';
import type { Overlap } from './alignedExample.ts';
import { pooledOverlapMetric } from './overlap.ts';

/**
 * Cohen's kappa of two word masks, `(po - pe) / (1 - pe)`: `po` the share of words labelled alike, `pe = g p +
 * (1 - g)(1 - p)` with `g`, `p` the shares of annotated and chosen words (Cohen 1960; docs/methods.md D.6). Missing when
 * both masks are constant and equal.
 */
export function cohensKappa({ words, gold, predicted, both }: Overlap): Score {
	if (words === 0) return missing('no words');
	const allOrNone = gold === predicted && (gold === 0 || gold === words);
	if (allOrNone) return missing('both masks are constant and equal');
	const alike = (words - gold - predicted + 2 * both) / words;
	const [g, p] = [gold / words, predicted / words];
	const byChance = g * p + (1 - g) * (1 - p);
	return scored((alike - byChance) / (1 - byChance));
}

/**
 * Kappa over the words of all examples. One example's kappa is 0 by chance; the pooled one is above 0 where long
 * rationales meet long annotations (top_var), so its chance level is that of random words of each example's number.
 */
export const kappa = pooledOverlapMetric(
	{
		id: 'kappa',
		title: "Cohen's kappa, over all words",
		family: 'alignment',
		range: [-1, 1],
		better: 'higher',
		needs: 'annotations',
		judges: 'chosen',
		source: 'Cohen 1960; pooled over words as in coastalcph/humans-contrastive-xai',
	},
	cohensKappa,
);

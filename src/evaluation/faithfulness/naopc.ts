/** AOPC between the limits that orders of the same text's words reach, so that texts and models can be compared. */
import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import { countOfShare } from '../../core/countOfShare.ts';
import { beamBounds } from './beamBounds.ts';
import { eraserBins, type MaskedProbabilities } from './maskedProbabilities.ts';
import { bestKept, bestMasked } from './maskedText.ts';
import type { FaithfulnessMeasure, MaskedSearch, SearchedText } from './measure.ts';
import { meanDropOverBins } from './probabilityDrop.ts';

/** Orders that the search for the limits follows at a time. */
const beamWidth = 3;

const common = {
	family: 'faithfulness',
	range: [0, 1],
	needs: 'masking',
	judges: 'scores',
	source: `Edin et al. 2024 (arXiv 2408.08137) with ERASER's bins; limits by beam search of width ${beamWidth}, never narrower than the value`,
} as const;

/** The limits of the mean drop with the first words of an order masked. */
const limitsMasked: MaskedSearch = {
	name: 'limits masked',
	run: (text) => limitsOf(text, (words) => words),
};

/** The same with only these words kept. */
const limitsKept: MaskedSearch = {
	name: 'limits kept',
	run: (text) => limitsOf(text, (words) => text.eligible.filter((word) => !words.includes(word))),
};

async function limitsOf(
	{ wordCount, eligible, drops }: SearchedText,
	masked: (words: readonly number[]) => readonly number[],
): Promise<Record<string, number>> {
	const bounds = await beamBounds({
		words: eligible,
		counts: eraserBins.map((bin) => Math.min(countOfShare(bin, wordCount), eligible.length)),
		width: beamWidth,
		evaluate: (sets) => drops(sets.map(masked)),
	});
	return { ...bounds };
}

/** Mean of `(AOPC - lowest) / (highest - lowest)`; texts without a difference between orders are left out. */
export const comprehensivenessNaopc = meanMetric<MaskedProbabilities>(
	{
		id: 'comprehensiveness.naopc',
		title: 'Comprehensiveness (AOPC) between the limits of this text',
		better: 'higher',
		...common,
	},
	(example) => between(example, bestMasked, limitsMasked),
	noChance,
);

/** The same of what is lost where only the best words are kept: lower is better. */
export const sufficiencyNaopc = meanMetric<MaskedProbabilities>(
	{ id: 'sufficiency.naopc', title: 'Sufficiency (AOPC) between the limits of this text', better: 'lower', ...common },
	(example) => between(example, bestKept, limitsKept),
	noChance,
);

export const naopcMeasure: FaithfulnessMeasure = {
	texts: [...eraserBins.map(bestMasked), ...eraserBins.map(bestKept)],
	searches: [limitsMasked, limitsKept],
	metrics: [comprehensivenessNaopc, sufficiencyNaopc],
};

/** The search can miss the true limits: a method's own order that lies outside moves them. */
function between(example: MaskedProbabilities, textAt: typeof bestMasked, { name }: MaskedSearch): Score {
	const own = meanDropOverBins(example, textAt);
	if (!hasValue(own)) return own;
	const { lowest: least, highest: most } = example.searches[name] ?? {};
	if (least === undefined || most === undefined) return missing('the limits were not searched for');
	const [lowest, highest] = [Math.min(least, own.value), Math.max(most, own.value)];
	if (highest - lowest < 1e-9) return missing('all orders of the words take the same');
	return scored((own.value - lowest) / (highest - lowest));
}

/** AOPC between the limits that orders of the same text's words reach, so that texts and models can be compared. */
import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { meanMetric, noChance } from '../metric.ts';
import type { Bounds } from './beamBounds.ts';
import { meanDropOverBins } from './probabilityDrop.ts';
import type { ProbedExample, ProbedPoint } from './probedExample.ts';

/** Orders that the search for the limits follows at a time. */
export const beamWidth = 3;

const common = {
	family: 'faithfulness',
	range: [0, 1],
	needs: 'masking',
	judges: 'scores',
	source: `Edin et al. 2024 (arXiv 2408.08137) with ERASER's bins; limits by beam search of width ${beamWidth}, never narrower than the value`,
} as const;

/** Mean of `(AOPC - lowest) / (highest - lowest)`; texts without a difference between orders are left out. */
export const comprehensivenessNaopc = meanMetric<ProbedExample>(
	{
		id: 'comprehensiveness.naopc',
		title: 'Comprehensiveness (AOPC) between the limits of this text',
		better: 'higher',
		...common,
	},
	(example) => between(example, example.maskedCurve, example.bounds?.masked),
	noChance,
);

/** The same of what is lost where only the best words are kept: lower is better. */
export const sufficiencyNaopc = meanMetric<ProbedExample>(
	{ id: 'sufficiency.naopc', title: 'Sufficiency (AOPC) between the limits of this text', better: 'lower', ...common },
	(example) => between(example, example.keptCurve, example.bounds?.kept),
	noChance,
);

/** The search can miss the true limits: a method's own order that lies outside moves them. */
function between(example: ProbedExample, curve: readonly ProbedPoint[] | null, bounds: Bounds | undefined): Score {
	const own = meanDropOverBins(example, curve);
	if (!hasValue(own)) return own;
	if (bounds === undefined) return missing('the limits were not searched for');
	const [lowest, highest] = [Math.min(bounds.lowest, own.value), Math.max(bounds.highest, own.value)];
	if (highest - lowest < 1e-9) return missing('all orders of the words take the same');
	return scored((own.value - lowest) / (highest - lowest));
}

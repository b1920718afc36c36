import { hasValue, missing, type Score, scored } from '../../core/score.ts';
import { meanMetric } from '../metric.ts';
import type { MaskedExample } from './maskedExample.ts';

/** Returns 1 when masking the rationale changes the predicted label, else 0; missing without a rationale. */
export function flip({ prediction, masked }: MaskedExample): Score {
	return masked === null ? missing('no rationale') : scored(masked === prediction ? 0 : 1);
}

/** Returns the share of control draws that change the predicted label; missing without draws. */
export function controlFlip({ prediction, control }: MaskedExample): Score {
	if (control.length === 0) return missing('no random words of the same number were masked');
	let flips = 0;
	for (const label of control) if (label !== prediction) flips++;
	return scored(flips / control.length);
}

const common = { family: 'faithfulness', better: 'higher', needs: 'masking', judges: 'chosen' } as const;

/**
 * Share of examples whose predicted label changes when the rationale's words are masked (docs/methods.md E.2). By chance
 * that of as many random words. It says nothing about a collapsed model (`collapseVerdict`).
 */
export const flipRate = meanMetric<MaskedExample>(
	{
		id: 'flip_rate',
		title: 'Flip rate',
		range: [0, 1],
		source: 'Fayyaz et al. 2024, v2: over all instances, misclassified ones too',
		...common,
	},
	flip,
	controlFlip,
);

/** Mean of `flip - control flips` over examples: what the rationale flips beyond as many random words; 0 by chance. */
export const flipRateExcess = meanMetric<MaskedExample>(
	{
		id: 'flip_rate.excess',
		title: 'Flip rate above random words of the same number',
		range: [-1, 1],
		source: 'flip rate of Fayyaz et al. 2024 minus its same-size random control, paired by example',
		...common,
	},
	(example) => {
		const [own, control] = [flip(example), controlFlip(example)];
		if (!hasValue(own)) return own;
		return hasValue(control) ? scored(own.value - control.value) : control;
	},
	() => scored(0),
);

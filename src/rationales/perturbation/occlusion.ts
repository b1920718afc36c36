import { itemAt } from '../../core/present.ts';
import { fullSet } from './coalitionPlan.ts';
import type { PerturbationMethod } from './method.ts';

/** s_u = v(all) - v(all but u), signed; U + 1 evaluations (docs/methods.md A.15). */
export const occlusion: PerturbationMethod = {
	kind: 'perturbation',
	declaration: {
		id: 'occlusion',
		title: 'Occlusion (leave one out)',
		family: 'attribution',
		needs: 'labelScores',
		signed: true,
		targetSpecific: true,
		aggregation: null,
		source: 'Li et al. 2016 (arXiv 1612.08220); probability of the label and sign kept as in ferret `LOO`',
		diagnostics: { evaluations: 'prompts scored' },
	},
	plan: ({ unitCount, evaluations }) => {
		const needed = unitCount + 1;
		if (evaluations !== null && evaluations < needed)
			return { missing: `${unitCount} units need ${needed} evaluations, the study allows ${evaluations}` };
		const all = fullSet(unitCount);
		return {
			sets: [all, ...all.map((_, left) => all.map((_, unit) => unit !== left))],
			read: (values) => ({
				scores: values.slice(1).map((without) => itemAt(values, 0) - without),
				standardErrors: null,
				diagnostics: {},
			}),
		};
	},
};

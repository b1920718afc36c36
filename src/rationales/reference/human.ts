import type { ReferenceMethod } from './method.ts';

/** The annotation itself: what an explanation that agrees with the annotators in full would be. */
export const human: ReferenceMethod = {
	kind: 'reference',
	declaration: {
		id: 'human',
		title: 'Human rationale',
		family: 'reference',
		needs: 'annotations',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'the annotators of the dataset',
	},
	rank: ({ annotated }) => {
		if (annotated === null) return { missing: 'no annotation' };
		if (annotated.length === 0) return { missing: 'the annotation marks no word' };
		return { scores: null, own: annotated };
	},
};

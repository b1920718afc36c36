import { exampleWords } from '../../core/example.ts';
import { seededRandom } from '../../core/random.ts';
import type { ReferenceMethod } from './method.ts';

/**
 * The scores 1..W in an order drawn from the study's seed and the example's id, so that all models share it (docs/methods.md
 * A.22).
 */
export const random: ReferenceMethod = {
	kind: 'reference',
	declaration: {
		id: 'random',
		title: 'Random',
		family: 'reference',
		needs: 'nothing',
		signed: false,
		targetSpecific: false,
		aggregation: null,
		source: 'control of Fayyaz et al. 2024 (arXiv 2407.00219)',
	},
	rank: ({ example, seed }) => {
		const ranks = exampleWords(example).map((_, word) => word + 1);
		return { scores: seededRandom(seed, 'random', example.id).shuffle(ranks), own: null };
	},
};

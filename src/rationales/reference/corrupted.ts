import { exampleWords } from '../../core/example.ts';
import { seededRandom } from '../../core/random.ts';
import type { ReferenceMethod } from './method.ts';

/**
 * Returns the human rationale with `share` (0..1) of its words exchanged for words outside it, as an attribution of all
 * words: the chosen ones first, in random order, then the others. The number exchanged is rounded up or down at random, so
 * that its mean over examples is the share. Where the deciding words are known, it is a rationale known to be so wrong.
 */
export function corrupted(share: number): ReferenceMethod {
	const percent = Math.round(share * 100);
	return {
		kind: 'reference',
		declaration: {
			id: `corrupted.${percent}`,
			title: percent === 0 ? 'Human rationale as a ranking' : `Human rationale, ${percent} % of its words exchanged`,
			family: 'reference',
			needs: 'annotations',
			signed: false,
			targetSpecific: true,
			aggregation: null,
			source: 'ours: a rationale that is known to be wrong to a known degree, to judge faithfulness metrics by',
		},
		rank: ({ example, annotated, seed }) => {
			if (annotated === null) return { missing: 'no annotation' };
			if (annotated.length === 0) return { missing: 'the annotation marks no word' };
			const random = seededRandom(seed, 'corrupted', example.id);
			const isAnnotated = new Set(annotated);
			const others = random.shuffle([...exampleWords(example).keys()].filter((word) => !isAnnotated.has(word)));
			const kept = random.shuffle(annotated);
			const exchanged = Math.min(others.length, Math.floor(share * annotated.length + random.next()));
			const order = [
				...random.shuffle([...kept.slice(exchanged), ...others.slice(0, exchanged)]),
				...random.shuffle([...kept.slice(0, exchanged), ...others.slice(exchanged)]),
			];
			const scores = new Array<number>(order.length).fill(0);
			for (const [rank, word] of order.entries()) scores[word] = order.length - rank;
			return { scores, own: null };
		},
	};
}

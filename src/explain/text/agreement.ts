import type { MethodExplanation, Overlap, Agreement } from '../../records/explanation.ts';

/** Returns the agreement of the methods that chose words of a text. */
export function agreementOf(
	explanations: readonly Pick<MethodExplanation, 'method' | 'chosen'>[],
	wordCount: number,
): Agreement {
	const able = explanations.filter(({ chosen }) => chosen.length > 0);
	const votes = Array.from(
		{ length: wordCount },
		(_, word) => able.filter(({ chosen }) => chosen.includes(word)).length,
	);
	const overlaps = able.flatMap((first, i) => able.slice(i + 1).map((second) => overlapOf(first, second)));
	return { methods: able.map(({ method }) => method), votes, overlaps };
}

function overlapOf(
	first: Pick<MethodExplanation, 'method' | 'chosen'>,
	second: Pick<MethodExplanation, 'method' | 'chosen'>,
): Overlap {
	const shared = first.chosen.filter((word) => second.chosen.includes(word)).length;
	const either = new Set([...first.chosen, ...second.chosen]).size;
	return { first: first.method, second: second.method, shared, either, overlap: shared / either };
}

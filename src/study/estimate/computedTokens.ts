/** Tokens that the engine computes, where prompts that begin alike share their beginnings. */
import { itemAt } from '../../core/present.ts';
import { seededRandom } from '../../core/random.ts';
import type { EncodedExample } from '../../explain/context.ts';

type Sequence = readonly number[];

/** Returns how many tokens differ: each beginning that several sequences have is counted once (the nodes of their prefix tree). */
export function differentTokens(sequences: readonly Sequence[]): number {
	let different = 0;
	let before: Sequence = [];
	for (const sequence of sequences.toSorted(compareLists)) {
		different += sequence.length - sharedWith(sequence, before);
		before = sequence;
	}
	return different;
}

/** By the first difference; a beginning comes first. */
function compareLists(a: Sequence, b: Sequence): number {
	const shared = sharedWith(a, b);
	const [one, other] = [a[shared], b[shared]];
	return one === undefined || other === undefined ? a.length - b.length : one - other;
}

function sharedWith(sequence: Sequence, before: Sequence): number {
	const end = Math.min(sequence.length, before.length);
	let shared = 0;
	while (shared < end && sequence[shared] === before[shared]) shared++;
	return shared;
}

/** Masks that are drawn to see how much they share. */
const drawnMasks = 32;

/** Share of the words that is masked where nobody marked any. */
const usualShare = 0.2;

/**
 * Returns how many tokens a masked prompt of the text takes on average, after the `start` tokens that all texts begin with:
 * those of random masks as long as the annotation, `count` of them (at most 32 are drawn) sharing what they can.
 */
export function tokensPerMask({ prompt, eligible, annotated }: EncodedExample, start: number, count: number): number {
	const random = seededRandom('masks', prompt.ids.length, eligible.length);
	const size = Math.max(1, annotated?.length ?? Math.round(eligible.length * usualShare));
	const drawn = Math.min(drawnMasks, Math.max(1, Math.round(count)));
	const masks = Array.from({ length: drawn }, () => {
		const masked = new Set(random.sample(eligible, size).flatMap((word) => itemAt(prompt.tokensOfWord, word)));
		return Array.from(prompt.ids.slice(start), (id, i) => (masked.has(start + i) ? -1 : id));
	});
	return differentTokens(masks) / drawn;
}

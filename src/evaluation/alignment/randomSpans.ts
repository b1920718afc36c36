import { type Random } from '../../core/random.ts';
import type { WordRange } from './spans.ts';

/**
 * Returns maximal spans of the given lengths at random places among `wordCount` words, all placements and orders alike:
 * between two spans lies at least one word, as between maximal ones. The lengths must have room.
 */
export function randomSpans(lengths: readonly number[], wordCount: number, random: Random): WordRange[] {
	const free = wordCount - lengths.reduce((sum, length) => sum + length, 0);
	const slots = Array.from({ length: free + 1 }, (_, slot) => slot);
	const places = random.sample(slots, lengths.length).toSorted((a, b) => a - b);
	let used = 0;
	return random.shuffle(lengths).map((length, i) => {
		const start = (places[i] ?? free) + used;
		used += length;
		return { start, end: start + length };
	});
}

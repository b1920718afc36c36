import type { Random } from '../../core/random.ts';
import type { WordRange } from './spans.ts';

/**
 * Returns maximal spans of the given lengths at random places among `wordCount` words, all placements and orders alike:
 * between two spans lies at least one word, as between maximal ones. The lengths must have room: with a word between
 * every two, they need at most `wordCount`.
 */
export function randomSpans(lengths: readonly number[], wordCount: number, random: Random): WordRange[] {
	const free = wordCount - lengths.reduce((sum, length) => sum + length, 0);
	const slots = new Set<number>();
	while (slots.size < lengths.length) slots.add(random.integer(free + 1));
	const places = [...slots].toSorted((a, b) => a - b);
	let used = 0;
	return random.shuffle(lengths).map((length, i) => {
		const start = (places[i] ?? free) + used;
		used += length;
		return { start, end: start + length };
	});
}

import type { Random } from '../../core/random.ts';
import type { WordRange } from './spans.ts';

/**
 * Returns maximal spans of the given lengths at random places among `wordCount` words, all placements and orders alike:
 * between two spans lies at least one word, as between maximal ones. The lengths must have room: with a word between
 * every two, they need at most `wordCount`.
 */
export function randomSpans(lengths: readonly number[], wordCount: number, random: Random): WordRange[] {
	let free = wordCount;
	for (const length of lengths) free -= length;
	const places = differentPlaces(lengths.length, free + 1, random);
	let used = 0;
	return random.shuffle(lengths).map((length, i) => {
		const start = (places[i] as number) + used;
		used += length;
		return { start, end: start + length };
	});
}

/** Returns different integers below the limit, rising: few, so that they are put in order as they are drawn. */
function differentPlaces(count: number, limit: number, random: Random): number[] {
	const places: number[] = [];
	while (places.length < count) {
		const place = random.integer(limit);
		let at = places.length;
		while (at > 0 && (places[at - 1] as number) > place) at--;
		if (places[at - 1] !== place) places.splice(at, 0, place);
	}
	return places;
}

/** How much or how little any order of the words could take: the limits that normalise AOPC (Edin et al. 2024). */
import { zip } from '../../core/present.ts';

/** Smallest and largest mean over the bins that the search found. */
export interface Bounds {
	readonly lowest: number;
	readonly highest: number;
}

export interface BeamSearch {
	/** What can be masked, or kept. */
	readonly words: readonly number[];
	/** Numbers of words at which the value counts, rising; a number that stands twice counts twice. */
	readonly counts: readonly number[];
	/** Orders that are followed at a time. */
	readonly width: number;
	/** Returns a value per set of words; asked for many at a time. */
	readonly evaluate: (sets: readonly (readonly number[])[]) => Promise<readonly number[]>;
}

/** One order of the first words, as a set, with the values met on the way. */
interface Beam {
	readonly words: readonly number[];
	/** Of the values of all sets on the way: what the search makes large or small. */
	readonly total: number;
	/** Of those at `counts`. */
	readonly counted: number;
}

/**
 * Returns the smallest and the largest mean of the values at `counts` over orders of the words, found by beam search:
 * from each of the `width` best beginnings every further word is tried. Not the true limits, which would take all orders,
 * but inside them. Throws what `evaluate` throws.
 */
export async function beamBounds(search: BeamSearch): Promise<Bounds> {
	return { lowest: await bestMean(search, -1), highest: await bestMean(search, 1) };
}

async function bestMean({ words, counts, width, evaluate }: BeamSearch, sign: 1 | -1): Promise<number> {
	let beams: Beam[] = [{ words: [], total: 0, counted: 0 }];
	for (let size = 1; size <= Math.max(0, ...counts); size++) {
		const sets = extensions(beams, words);
		const values = await evaluate(sets.map((set) => set.words));
		const times = counts.filter((count) => count === size).length;
		beams = zip(sets, values)
			.map(
				([{ words: own, from }, value]): Beam => ({
					words: own,
					total: from.total + value,
					counted: from.counted + times * value,
				}),
			)
			.toSorted((a, b) => sign * (b.total - a.total))
			.slice(0, width);
	}
	const means = beams.map(({ counted }) => counted / counts.length);
	return sign === 1 ? Math.max(...means) : Math.min(...means);
}

/** Returns the different sets with one word more; of the ways to one set the first counts, which is the better one. */
function extensions(beams: readonly Beam[], words: readonly number[]): { words: number[]; from: Beam }[] {
	const found = new Map<string, { words: number[]; from: Beam }>();
	for (const from of beams) {
		for (const word of words) {
			if (from.words.includes(word)) continue;
			const own = [...from.words, word].toSorted((a, b) => a - b);
			const key = own.join();
			if (!found.has(key)) found.set(key, { words: own, from });
		}
	}
	return [...found.values()];
}

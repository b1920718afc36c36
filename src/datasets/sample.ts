import { UserError } from '../core/errors.ts';
import { groupBy } from '../core/groupBy.ts';
import { seededRandom } from '../core/random.ts';

/** An example, or one that is still to be written. */
interface Labelled {
	/** Null where the data has none. */
	readonly label: string | null;
}

/**
 * Returns `limit` examples with the labels in the same proportions, drawn at random, in their original order; all of
 * them where `limit` is undefined or not smaller than their number. A smaller limit draws a subset of a larger one.
 */
export function stratifiedSample<T extends Labelled>(
	examples: readonly T[],
	limit: number | undefined,
	seed: number,
): T[] {
	if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
		throw new UserError(`limit: must be a whole number of examples, 1 or more, not ${limit}.`);
	}
	if (limit === undefined || limit >= examples.length) return [...examples];
	const chosen = new Set(drawingOrder(examples, seed).slice(0, limit));
	return examples.filter((example) => chosen.has(example));
}

/** Returns the examples in random order, every label spread evenly: number i of n of a label stands at (i + 0.5) / n. */
function drawingOrder<T extends Labelled>(examples: readonly T[], seed: number): T[] {
	const byLabel = groupBy(seededRandom(seed, 'sample').shuffle(examples), ({ label }) => JSON.stringify(label));
	return [...byLabel.values()]
		.flatMap((group) => group.map((example, number) => ({ example, at: (number + 0.5) / group.length })))
		.toSorted((a, b) => a.at - b.at)
		.map(({ example }) => example);
}

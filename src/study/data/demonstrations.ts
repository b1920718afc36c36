/** Few-shot examples: labelled texts, none of which is to be classified. */
import { UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { seededRandom } from '../../core/random.ts';
import { stratifiedSample } from '../../datasets/sample.ts';

export interface ShownRequest {
	readonly count: number;
	/** Where they come from, in words: `the split "train"`. */
	readonly name: string;
	/** What asked for them. */
	readonly where: string;
}

/**
 * Returns `count` labelled examples, labels in proportion, drawn and put in order by the seed; texts that are to be
 * classified are never shown. Throws a `UserError` that names the place of the request where there are not as many.
 */
export function drawDemonstrations(
	from: readonly Example[],
	classified: readonly Example[],
	{ count, name, where }: ShownRequest,
	seed: number,
): Example[] {
	const taken = new Set(classified.map(textOf));
	const able = from.filter((example) => example.label !== null && !taken.has(textOf(example)));
	if (able.length < count) {
		throw new UserError(
			`${where}: ${name} has ${able.length} labelled texts that are not to be classified themselves; ${count} were asked for.`,
		);
	}
	return seededRandom(seed, 'demonstrations').shuffle(stratifiedSample(able, count, seed));
}

/** Returns what equal texts have in common. */
export function textOf({ segments }: Example): string {
	return JSON.stringify(segments.map(({ text }) => text));
}

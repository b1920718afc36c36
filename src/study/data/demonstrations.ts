/** Few-shot examples: labelled texts of another split, none of which is to be classified. */
import { UserError } from '../../core/errors.ts';
import type { Example } from '../../core/example.ts';
import { seededRandom } from '../../core/random.ts';
import { stratifiedSample } from '../../datasets/sample.ts';

/**
 * Returns `count` labelled examples, labels in proportion, drawn and put in order by the seed; texts that are to be
 * classified are never shown. Throws a `UserError` where there are not as many.
 */
export function drawDemonstrations(
	from: readonly Example[],
	classified: readonly Example[],
	{ count, split }: { readonly count: number; readonly split: string },
	seed: number,
): Example[] {
	const taken = new Set(classified.map(textOf));
	const able = from.filter((example) => example.label !== null && !taken.has(textOf(example)));
	if (able.length < count) {
		throw new UserError(
			`fewShot: the split "${split}" has ${able.length} labelled texts that are not to be classified themselves; ${count} were asked for.`,
		);
	}
	return seededRandom(seed, 'demonstrations').shuffle(stratifiedSample(able, count, seed));
}

function textOf({ segments }: Example): string {
	return JSON.stringify(segments.map(({ text }) => text));
}

/** The limits of AOPC for each text, whatever the method, for normalised AOPC. */
import { beamBounds, type Bounds } from '../../evaluation/faithfulness/beamBounds.ts';
import { probabilityMeasuresOf } from '../../evaluation/faithfulness/measures.ts';
import { beamWidth } from '../../evaluation/faithfulness/naopc.ts';
import { eraserBins } from '../../evaluation/faithfulness/probedExample.ts';
import { type MaskingId, maskings, maskWords } from '../../rationales/masking.ts';
import { countOfShare } from './maskedProbabilities.ts';
import type { BoundsRecord } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';
import { answerOf } from './maskedPredictions.ts';
import type { AskedExample, Asking } from '../context.ts';

/** Returns for each example the limits by masking; null where no measure asks. */
export async function searchBounds(
	asking: Asking,
	examples: readonly AskedExample[],
): Promise<(Readonly<Record<string, BoundsRecord>> | null)[]> {
	if (!probabilityMeasuresOf(asking.settings.measures).some(({ bounds }) => bounds)) return examples.map(() => null);
	const found: Readonly<Record<string, BoundsRecord>>[] = [];
	for (const example of examples) found.push(await boundsOf(asking, example));
	return found;
}

async function boundsOf(asking: Asking, example: AskedExample): Promise<Readonly<Record<string, BoundsRecord>>> {
	const found: Record<string, BoundsRecord> = {};
	const full = predictedProbability(asking, example, example);
	if (full === null) return found;
	for (const masking of asking.settings.maskings) {
		const search = (masked: (words: readonly number[]) => readonly number[]): Promise<Bounds> =>
			beamBounds({
				words: example.eligible,
				counts: eraserBins.map((bin) => Math.min(countOfShare(bin, example.wordCount), example.eligible.length)),
				width: beamWidth,
				evaluate: (sets) => drops(asking, example, masking, sets.map(masked), full),
			});
		found[masking] = {
			masked: await search((words) => words),
			kept: await search((words) => example.eligible.filter((word) => !words.includes(word))),
		};
	}
	return found;
}

/** Returns what masking each set of words takes from the probability of the predicted label. */
async function drops(
	asking: Asking,
	example: AskedExample,
	masking: MaskingId,
	sets: readonly (readonly number[])[],
	full: number,
): Promise<number[]> {
	const prompts = sets.map((words) => maskWords(maskings[masking], example.prompt, words));
	const scores = await scoreMasked(asking, 'mask', prompts);
	return scores.map((score) => full - (predictedProbability(asking, example, score) ?? NaN));
}

function predictedProbability(
	{ format }: Asking,
	{ predicted }: AskedExample,
	said: Parameters<typeof answerOf>[1],
): number | null {
	const { labels } = format.task;
	return answerOf(labels, said)?.probabilities[labels[predicted] ?? ''] ?? null;
}

/** The limits of AOPC for each text, whatever the method, for normalised AOPC. */
import { beamBounds, type Bounds } from '../../evaluation/faithfulness/beamBounds.ts';
import { probabilityMeasuresOf } from '../../evaluation/faithfulness/measures.ts';
import { beamWidth } from '../../evaluation/faithfulness/naopc.ts';
import { eraserBins } from '../../evaluation/faithfulness/probedExample.ts';
import { type MaskingId, maskings, maskWords } from '../../rationales/masking.ts';
import { countOfShare } from '../../core/countOfShare.ts';
import type { BoundsRecord } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';
import { predictionFrom } from './maskedPredictions.ts';
import type { ClassifiedExample, TaskModel } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/** Returns for each example the limits by masking; null where no measure asks. */
export async function searchBounds(
	taskModel: TaskModel,
	{ measures, maskings: ids }: RationaleSettings,
	examples: readonly ClassifiedExample[],
): Promise<(Readonly<Record<string, BoundsRecord>> | null)[]> {
	if (!probabilityMeasuresOf(measures).some(({ bounds }) => bounds)) return examples.map(() => null);
	const found: Readonly<Record<string, BoundsRecord>>[] = [];
	for (const example of examples) found.push(await boundsOf(taskModel, ids, example));
	return found;
}

async function boundsOf(
	taskModel: TaskModel,
	ids: readonly MaskingId[],
	example: ClassifiedExample,
): Promise<Readonly<Record<string, BoundsRecord>>> {
	const found: Record<string, BoundsRecord> = {};
	const full = predictedProbability(taskModel, example, example);
	if (full === null) return found;
	for (const masking of ids) {
		const search = (masked: (words: readonly number[]) => readonly number[]): Promise<Bounds> =>
			beamBounds({
				words: example.eligible,
				counts: eraserBins.map((bin) => Math.min(countOfShare(bin, example.wordCount), example.eligible.length)),
				width: beamWidth,
				evaluate: (sets) => drops(taskModel, example, masking, sets.map(masked), full),
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
	taskModel: TaskModel,
	example: ClassifiedExample,
	masking: MaskingId,
	sets: readonly (readonly number[])[],
	full: number,
): Promise<number[]> {
	const prompts = sets.map((words) => maskWords(maskings[masking], example.prompt, words));
	const scores = await scoreMasked(taskModel, 'mask', prompts);
	return scores.map((score) => full - (predictedProbability(taskModel, example, score) ?? NaN));
}

function predictedProbability(
	{ format }: TaskModel,
	{ predicted }: ClassifiedExample,
	said: Parameters<typeof predictionFrom>[1],
): number | null {
	const { labels } = format.task;
	return predictionFrom(labels, said)?.probabilities[labels[predicted] ?? ''] ?? null;
}

/** Runs what measures search for in each text, whatever the method: the limits of AOPC. */
import { itemAt } from '../../core/present.ts';
import { probabilityMeasuresOf } from '../../evaluation/faithfulness/measures.ts';
import type { MaskedSearch } from '../../evaluation/faithfulness/measure.ts';
import type { SearchResults } from '../../evaluation/faithfulness/maskedProbabilities.ts';
import { type MaskingId, maskings, maskWords } from '../../rationales/masking.ts';
import { scoreMasked } from './scoreMasked.ts';
import { predictionFrom } from './maskedPredictions.ts';
import type { ClassifiedExample, TaskModel } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/** Results by masking. */
export type Searched = Readonly<Record<string, SearchResults>>;

/** Returns for each example what was found; null where no measure searches. */
export async function searchMasked(
	taskModel: TaskModel,
	{ measures, maskings: ids }: RationaleSettings,
	examples: readonly ClassifiedExample[],
): Promise<(Searched | null)[]> {
	const searches = probabilityMeasuresOf(measures).flatMap((measure) => measure.searches ?? []);
	if (searches.length === 0) return examples.map(() => null);
	const found: Searched[] = [];
	for (const example of examples) found.push(await searchExample(taskModel, ids, searches, example));
	return found;
}

/** A model that only says labels has no probability that masking could lower. */
async function searchExample(
	taskModel: TaskModel,
	ids: readonly MaskingId[],
	searches: readonly MaskedSearch[],
	example: ClassifiedExample,
): Promise<Searched> {
	const { wordCount, eligible } = example;
	const full = predictedProbability(taskModel, example, example);
	if (full === null) return {};
	const found: Record<string, SearchResults> = {};
	for (const masking of ids) {
		const drops = (sets: readonly (readonly number[])[]): Promise<number[]> =>
			dropsOf(taskModel, example, masking, sets, full);
		const own: Record<string, SearchResults[string]> = {};
		for (const { name, run } of searches) own[name] = await run({ wordCount, eligible, drops });
		found[masking] = own;
	}
	return found;
}

/** Returns what masking each set of words takes from the probability of the predicted label. */
async function dropsOf(
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
	return predictionFrom(labels, said)?.probabilities[itemAt(labels, predicted)] ?? null;
}

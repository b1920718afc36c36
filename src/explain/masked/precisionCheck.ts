/** How often masked texts get another label where their scores are of reduced precision. */
import { itemAt } from '../../core/present.ts';
import { seededRandom } from '../../core/random.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';
import { type MaskedPrompt, maskings, maskWords } from '../../rationales/masking.ts';
import { countOfShare } from '../../core/countOfShare.ts';
import type { PrecisionCheck } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';
import { type MaskedPredictions, predictionFrom } from './maskedPredictions.ts';
import type { EncodedExample, TaskModel } from '../context.ts';
import type { RationaleSettings } from '../settings.ts';

/** Shares of a text's words that are masked, one prompt each: whatever the methods choose, the sample is the same. */
const sampledShares = [0.1, 0.2, 0.35, 0.5];

/** Returns for each example prompts with random words masked; none where the model knows one precision only. */
export function precisionSamples(
	{ reducedPrecision }: LanguageModel,
	settings: RationaleSettings,
	examples: readonly EncodedExample[],
): MaskedPrompt[][] {
	return examples.map((example) => (reducedPrecision === undefined ? [] : sampleOf(settings, example)));
}

function sampleOf(settings: RationaleSettings, { example, eligible, prompt }: EncodedExample): MaskedPrompt[] {
	const masking = maskings[settings.maskings[0] ?? settings.perturbation.masking];
	return sampledShares.map((share) => {
		const words = seededRandom(settings.seed, 'precision', example.id, share).sample(
			eligible,
			Math.min(eligible.length, countOfShare(share, eligible.length)),
		);
		return maskWords(masking, prompt, words);
	});
}

/**
 * Returns for each example what its sample shows: the label of reduced precision, which was predicted, is compared with that
 * of the full one, which is asked for here. Null where there is no sample.
 */
export async function checkPrecision(
	taskModel: TaskModel,
	samples: readonly (readonly MaskedPrompt[])[],
	predictions: MaskedPredictions,
): Promise<(PrecisionCheck | null)[]> {
	const scores = await scoreMasked(taskModel, 'mask', samples.flat(), 'full');
	const { labels } = taskModel.format.task;
	let next = 0;
	return samples.map((sample) => {
		if (sample.length === 0) return null;
		const changed = sample.filter((prompt) => {
			const exact = itemAt(scores, next++, 'score of full precision');
			return predictions(prompt)?.label !== predictionFrom(labels, exact)?.label;
		});
		return { compared: sample.length, changed: changed.length };
	});
}

/** How often masked texts get another label where their scores are of reduced precision. */
import { seededRandom } from '../../core/random.ts';
import type { LabelScores } from '../../llm/languageModel.ts';
import { type MaskedPrompt, maskings, maskWords } from '../../rationales/masking.ts';
import { countOfShare } from './maskedProbabilities.ts';
import type { PrecisionCheck } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';
import { mostProbable } from './maskedPredictions.ts';
import type { ClassifiedExample, ExplainContext } from '../context.ts';

/** Shares of a text's words that are masked, one prompt each: whatever the methods choose, the sample is the same. */
const sampledShares = [0.1, 0.2, 0.35, 0.5];

/**
 * Returns for each example what the sample shows: random words of it are masked, and the label of reduced precision is
 * compared with that of the full one. Null where the model knows one precision only.
 */
export async function checkPrecision(
	context: ExplainContext,
	examples: readonly ClassifiedExample[],
): Promise<(PrecisionCheck | null)[]> {
	if (context.model.reducedPrecision === undefined) return examples.map(() => null);
	const samples = examples.map((example) => sampleOf(context, example));
	const prompts = samples.flat();
	const reduced = await scoreMasked(context, 'mask', prompts);
	const full = await scoreMasked(context, 'mask', prompts, 'full');
	let next = 0;
	return samples.map((own) => {
		const start = next;
		next += own.length;
		return comparison(reduced.slice(start, next), full.slice(start, next));
	});
}

function sampleOf({ settings }: ExplainContext, { example, eligible, prompt }: ClassifiedExample): MaskedPrompt[] {
	const masking = maskings[settings.maskings[0] ?? settings.perturbation.masking];
	return sampledShares.map((share) => {
		const words = seededRandom(settings.seed, 'precision', example.id, share).sample(
			eligible,
			Math.min(eligible.length, countOfShare(share, eligible.length)),
		);
		return maskWords(masking, prompt, words);
	});
}

function comparison(reduced: readonly LabelScores[], full: readonly LabelScores[]): PrecisionCheck {
	const changed = reduced.filter((scores, i) => {
		const exact = full[i];
		return exact !== undefined && mostProbable(scores) !== mostProbable(exact);
	});
	return { compared: reduced.length, changed: changed.length };
}

/** What a model says about masked prompts: each different one is scored once. */
import { entryOf, itemAt, zip } from '../../core/present.ts';
import type { MaskedAnswer } from '../../evaluation/faithfulness/maskedProbabilities.ts';
import type { LabelScores } from '../../llm/languageModel.ts';
import { type MaskedPrompt, unblocked } from '../../rationales/masking.ts';
import { scoreMasked } from './scoreMasked.ts';
import type { ClassifiedExample, TaskModel } from '../context.ts';

/** What a model says of a masked prompt, in the form in which it is kept. */
export type MaskedPrediction = MaskedAnswer;

/** Returns the prediction for a prompt that was asked about, null where the model's scores are not numbers. */
export type MaskedPredictions = (prompt: MaskedPrompt) => MaskedPrediction | null;

/** Returns the predictions for the prompts, and for the full texts of the examples, which are not asked about again. */
export async function predictMasked(
	taskModel: TaskModel,
	examples: readonly ClassifiedExample[],
	prompts: readonly MaskedPrompt[],
): Promise<MaskedPredictions> {
	const { labels } = taskModel.format.task;
	const known = new Map<string, MaskedPrediction | null>();
	for (const example of examples) known.set(keyOf(unblocked(example.prompt.ids)), predictionFrom(labels, example));
	const unknown = new Map<string, MaskedPrompt>();
	for (const prompt of prompts) {
		const key = keyOf(prompt);
		if (!known.has(key)) unknown.set(key, prompt);
	}
	const scores = await scoreMasked(taskModel, 'mask', [...unknown.values()]);
	for (const [key, found] of zip([...unknown.keys()], scores)) known.set(key, predictionFrom(labels, found));
	return (prompt) => entryOf(known, keyOf(prompt), 'prediction');
}

/** Returns the prediction that scores per label [C], or a label said without scores, stand for; null where there is neither. */
export function predictionFrom(
	labels: readonly string[],
	said: Pick<LabelScores, 'logProbabilities' | 'chosen'>,
): MaskedPrediction | null {
	const { logProbabilities, chosen } = said;
	const number = mostProbable(said);
	if (number === null) return null;
	const best = itemAt(labels, number, 'label');
	if (chosen !== undefined) return { label: best, probabilities: {}, mass: null };
	const largest = Math.max(...logProbabilities);
	const powers = logProbabilities.map((value) => Math.exp(value - largest));
	const sum = powers.reduce((total, power) => total + power, 0);
	return {
		label: best,
		probabilities: Object.fromEntries(zip(labels, powers).map(([label, power]) => [label, power / sum])),
		mass: Math.exp(largest) * sum,
	};
}

/** Returns the number of the label said or the most probable one, the first among equals; null where a score is not a number. */
export function mostProbable({
	logProbabilities,
	chosen,
}: Pick<LabelScores, 'logProbabilities' | 'chosen'>): number | null {
	if (chosen !== undefined) return chosen;
	if (!logProbabilities.every(Number.isFinite)) return null;
	return logProbabilities.indexOf(Math.max(...logProbabilities));
}

function keyOf({ ids, blocked }: MaskedPrompt): string {
	return [ids, blocked].join(';');
}

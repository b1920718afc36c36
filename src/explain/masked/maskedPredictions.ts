/** The masked prompts of a chunk: each different one is scored once. */
import type { LabelScores } from '../../llm/languageModel.ts';
import { type MaskedPrompt, unblocked } from '../../rationales/masking.ts';
import type { Probabilities } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';
import type { ExplainContext, ClassifiedExample } from '../context.ts';

/** The predicted label, and the probabilities of all labels, renormalised to sum 1; none where the model gives none. */
export interface MaskedPrediction {
	readonly label: string;
	readonly probabilities: Probabilities;
	/** Probability of all labels together in the whole vocabulary; null where the model gives none. */
	readonly mass: number | null;
}

/** Returns the answer to a prompt, null where the model's scores are not numbers. */
export type Predict = (prompt: MaskedPrompt) => MaskedPrediction | null;

/**
 * Returns what `assemble` makes of the predictions it asks for. It is called twice and must ask for the same prompts
 * both times: first to collect them, then with their labels. Full texts are not asked again.
 */
export async function withPredictions<T>(
	context: ExplainContext,
	examples: readonly ClassifiedExample[],
	assemble: (predict: Predict) => T,
): Promise<T> {
	const { labels } = context.format.task;
	const answers = new Map<string, MaskedPrediction | null>();
	for (const example of examples) {
		answers.set(keyOf(unblocked(example.prompt.ids)), predictionFrom(labels, example));
	}
	const wanted = new Map<string, MaskedPrompt>();
	assemble((prompt) => {
		const key = keyOf(prompt);
		if (!answers.has(key)) wanted.set(key, prompt);
		return null;
	});
	await scoreInto(answers, context, [...wanted]);
	return assemble((prompt) => answers.get(keyOf(prompt)) ?? null);
}

/** Returns the answer that scores per label [C], or a label said without scores, stand for; null where there is neither. */
export function predictionFrom(
	labels: readonly string[],
	said: Pick<LabelScores, 'logProbabilities' | 'chosen'>,
): MaskedPrediction | null {
	const { logProbabilities, chosen } = said;
	const best = labels[mostProbable(said) ?? -1];
	if (best === undefined) return null;
	if (chosen !== undefined) return { label: best, probabilities: {}, mass: null };
	const largest = Math.max(...logProbabilities);
	const powers = logProbabilities.map((value) => Math.exp(value - largest));
	const sum = powers.reduce((total, power) => total + power, 0);
	return {
		label: best,
		probabilities: Object.fromEntries(labels.map((label, i) => [label, (powers[i] ?? 0) / sum])),
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

async function scoreInto(
	answers: Map<string, MaskedPrediction | null>,
	context: ExplainContext,
	wanted: readonly (readonly [string, MaskedPrompt])[],
): Promise<void> {
	const scores = await scoreMasked(
		context,
		'mask',
		wanted.map(([, prompt]) => prompt),
	);
	for (const [i, [key]] of wanted.entries()) {
		const found = scores[i];
		answers.set(key, found === undefined ? null : predictionFrom(context.format.task.labels, found));
	}
}

function keyOf({ ids, blocked }: MaskedPrompt): string {
	return [ids, blocked].join(';');
}

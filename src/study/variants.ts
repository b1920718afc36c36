/** The masked prompts of a chunk: each different one is scored once. */
import type { LabelScores, TokenIds } from '../llm/languageModel.ts';
import type { Asking, AskedExample } from './explain.ts';

/** Returns the predicted label of a prompt, null where the model's scores are not numbers. */
export type Predict = (ids: TokenIds) => string | null;

/** Prompts per call to the model: between calls a run can be stopped and its progress seen. */
const PROMPTS_PER_CALL = 256;

/**
 * Returns what `assemble` makes of the predictions it asks for. It is called twice and must ask for the same prompts
 * both times: first to collect them, then with their labels. Full texts are not asked again.
 */
export async function withPredictions<T>(
	asking: Asking,
	examples: readonly AskedExample[],
	assemble: (predict: Predict) => T,
): Promise<T> {
	const labels = new Map<string, string | null>();
	for (const { prompt, predicted } of examples) {
		labels.set(keyOf(prompt.ids), asking.format.task.labels[predicted] ?? null);
	}
	const wanted = new Map<string, TokenIds>();
	assemble((ids) => {
		const key = keyOf(ids);
		if (!labels.has(key)) wanted.set(key, ids);
		return null;
	});
	await scoreInto(labels, asking, [...wanted]);
	return assemble((ids) => labels.get(keyOf(ids)) ?? null);
}

/** Returns the number of the most probable label, the first among equals; null where a score is not a number. */
export function mostProbable({ logProbabilities }: LabelScores): number | null {
	if (!logProbabilities.every(Number.isFinite)) return null;
	return logProbabilities.indexOf(Math.max(...logProbabilities));
}

async function scoreInto(
	labels: Map<string, string | null>,
	asking: Asking,
	wanted: readonly (readonly [string, TokenIds])[],
): Promise<void> {
	const { model, format } = asking;
	const labelTokens = format.labels.map(({ tokens }) => tokens);
	for (let start = 0; start < wanted.length; start += PROMPTS_PER_CALL) {
		const part = wanted.slice(start, start + PROMPTS_PER_CALL);
		asking.step('mask');
		const scores = await model.scoreLabels(
			part.map(([, ids]) => ids),
			labelTokens,
		);
		for (const [i, [key]] of part.entries()) {
			const best = scores[i] === undefined ? null : mostProbable(scores[i]);
			labels.set(key, best === null ? null : (format.task.labels[best] ?? null));
		}
	}
}

function keyOf(ids: TokenIds): string {
	return ids.join(',');
}

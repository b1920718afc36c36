/** Asks a model for the labels of examples. */
import type { LabelScores } from '../llm/languageModel.ts';
import type { PredictionRecord } from '../records/records.ts';
import { answersFor } from '../rationales/targets.ts';
import { encodeExample } from './encodeExample.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { ClassifiedExample, TaskModel, EncodedExample, Skipped } from './context.ts';
import type { PlannedChunk } from './chunk.ts';

/** How many of the likeliest first tokens are told of each text. */
export const likeliestTold = 5;

export async function classify(
	taskModel: TaskModel,
	{ examples }: PlannedChunk,
): Promise<(ClassifiedExample | Skipped)[]> {
	const prepared: (EncodedExample | Skipped)[] = [];
	taskModel.step('predict');
	for (const { example } of examples) prepared.push(await encodeExample(taskModel.model, taskModel.format, example));
	const able = prepared.filter((outcome) => 'prompt' in outcome);
	const prompts = able.map(({ prompt }) => prompt.ids);
	const { answers, labelOf } = answersFor(taskModel.format.labels);
	const scores =
		prompts.length === 0
			? []
			: await taskModel.model.scoreLabels(prompts, answers, { labelOf, likeliest: likeliestTold });
	const scoreOf = new Map(able.map((example, i) => [example, scores[i]]));
	return prepared.map((outcome) => {
		if ('skipped' in outcome) return outcome;
		const score = scoreOf.get(outcome);
		const predicted = score === undefined ? null : mostProbable(score);
		if (score?.problem !== undefined) return { skipped: score.problem.detail, problem: score.problem.kind };
		if (score === undefined || predicted === null) return { skipped: 'the label scores are not finite numbers' };
		const { problem: _, ...said } = score;
		return { ...outcome, predicted, ...said };
	});
}

/** Returns what the answer is most likely to begin with, as it is kept; nothing where the model does not say. */
export function beginningsOf({ likeliest }: Pick<LabelScores, 'likeliest'>): Pick<PredictionRecord, 'likeliest'> {
	if (likeliest === undefined) return {};
	return { likeliest: likeliest.map(({ text, logProbability }) => ({ text, probability: Math.exp(logProbability) })) };
}

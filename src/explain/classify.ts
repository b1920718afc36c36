/** Asks a model for the labels of examples. */
import type { PredictionRecord } from '../records/records.ts';
import { answersFor } from '../rationales/targets.ts';
import { encodeExample } from './encodeExample.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { LabelScores } from '../llm/languageModel.ts';
import type { ClassifiedExample, TaskModel, EncodedExample, Skipped, TaskFormat } from './context.ts';
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
	const scores = await labelScores(taskModel, able);
	const scoreOf = new Map(able.map((example, i) => [example, scores[i]]));
	return prepared.map((outcome) =>
		'skipped' in outcome ? outcome : classified(taskModel.format, outcome, scoreOf.get(outcome)),
	);
}

/** Returns the scores of the labels of each example, after a thought where the task says so. */
export async function labelScores(
	{ model, format: { labels, reasoning } }: Pick<TaskModel, 'model' | 'format'>,
	examples: readonly EncodedExample[],
): Promise<LabelScores[]> {
	if (examples.length === 0) return [];
	const { answers, labelOf } = answersFor(labels);
	return await model.scoreLabels(
		examples.map(({ prompt }) => prompt.ids),
		answers,
		{ labelOf, likeliest: likeliestTold, ...(reasoning && { reasoning }) },
	);
}

/** Returns the example with what the model said of it, or in words why it said nothing. */
export function classified(
	format: TaskFormat,
	example: EncodedExample,
	score: LabelScores | undefined,
): ClassifiedExample | Skipped {
	const predicted = score === undefined ? null : mostProbable(score);
	if (score?.problem !== undefined) return { skipped: score.problem.detail, problem: score.problem.kind };
	if (score === undefined || predicted === null) return { skipped: 'the label scores are not finite numbers' };
	const { problem: _, ...said } = score;
	return { ...example, predicted, ...said, ...promptsAround(format, example, score) };
}

/** Masked texts hold the thought about the whole text where the task says so; what explains a label always reads it. */
function promptsAround(
	{ task }: TaskFormat,
	{ prompt }: EncodedExample,
	{ thought }: LabelScores,
): Pick<ClassifiedExample, 'prompt' | 'answerPrompt'> {
	if (thought?.ids === undefined) return { prompt };
	const withThought = { ...prompt, ids: [...prompt.ids, ...thought.ids] };
	return task.reasoning?.masked === 'kept' ? { prompt: withThought } : { prompt, answerPrompt: withThought };
}

/** Returns what the answer is most likely to begin with, as it is kept; nothing where the model does not say. */
export function beginningsOf({ likeliest }: Pick<LabelScores, 'likeliest'>): Pick<PredictionRecord, 'likeliest'> {
	if (likeliest === undefined) return {};
	return { likeliest: likeliest.map(({ text, logProbability }) => ({ text, probability: Math.exp(logProbability) })) };
}

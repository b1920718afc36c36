/** Asks a model for the labels of examples. */
import { encodeExample } from './encodeExample.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { ClassifiedExample, TaskModel, EncodedExample, Skipped } from './context.ts';
import type { PlannedChunk } from './chunk.ts';

export async function classify(
	taskModel: TaskModel,
	{ examples }: PlannedChunk,
): Promise<(ClassifiedExample | Skipped)[]> {
	const prepared: (EncodedExample | Skipped)[] = [];
	taskModel.step('predict');
	for (const { example } of examples) prepared.push(await encodeExample(taskModel.model, taskModel.format, example));
	const able = prepared.filter((outcome) => 'prompt' in outcome);
	const prompts = able.map(({ prompt }) => prompt.ids);
	const labels = taskModel.format.labels.map(({ tokens }) => tokens);
	const scores = prompts.length === 0 ? [] : await taskModel.model.scoreLabels(prompts, labels);
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

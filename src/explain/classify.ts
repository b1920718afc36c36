/** Asks a model for the labels of examples. */
import { prepareExample } from './encodeExample.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { AskedExample, Asking, PreparedExample, Skipped } from './context.ts';
import type { PlannedChunk } from './chunk.ts';

export async function askAll(asking: Asking, { examples }: PlannedChunk): Promise<(AskedExample | Skipped)[]> {
	const prepared: (PreparedExample | Skipped)[] = [];
	asking.step('predict');
	for (const { example } of examples) prepared.push(await prepareExample(asking.model, asking.format, example));
	const able = prepared.filter((outcome) => 'prompt' in outcome);
	const prompts = able.map(({ prompt }) => prompt.ids);
	const labels = asking.format.labels.map(({ tokens }) => tokens);
	const scores = prompts.length === 0 ? [] : await asking.model.scoreLabels(prompts, labels);
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

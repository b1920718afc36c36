/** What a model says about prompts with words masked. */
import { UserError } from '../../core/errors.ts';
import type { LabelScores, ScoringOptions } from '../../llm/languageModel.ts';
import type { MaskedPrompt } from '../../rationales/masking.ts';
import { answersFor } from '../../rationales/targets.ts';
import type { TaskModel, Phase } from '../context.ts';

/** Prompts per call to the model: between calls a run can be stopped and its progress seen. */
const promptsPerCall = 256;

/**
 * Returns the scores of the task's labels, after a new thought where the task says so; of reduced precision, where the user opened the model so, unless the full one
 * is asked for. Throws a `UserError` for blocked tokens where the model cannot block any.
 */
export async function scoreMasked(
	{ model, format, step }: TaskModel,
	phase: Phase,
	prompts: readonly MaskedPrompt[],
	precision: NonNullable<ScoringOptions['precision']> = 'reduced',
): Promise<LabelScores[]> {
	const blocksAny = prompts.some(({ blocked }) => blocked.length > 0);
	if (blocksAny && !model.capabilities.has('attentionBlocking')) {
		throw new UserError(
			`masking "block_attention": the attention of "${model.id}" cannot be reached. Take masking "space" or "delete".`,
		);
	}
	const isAnew = format.task.reasoning?.masked === 'anew';
	const thinking = isAnew && format.reasoning !== undefined ? { reasoning: format.reasoning } : {};
	const { answers, labelOf } = answersFor(format.labels);
	const scores: LabelScores[] = [];
	for (let start = 0; start < prompts.length; start += promptsPerCall) {
		step(phase);
		const part = prompts.slice(start, start + promptsPerCall);
		const ids = part.map((prompt) => prompt.ids);
		const blocked = blocksAny ? { blocked: part.map((prompt) => prompt.blocked) } : {};
		scores.push(...(await model.scoreLabels(ids, answers, { labelOf, precision, ...blocked, ...thinking })));
	}
	return scores;
}

/** What a model says about prompts with words masked. */
import { UserError } from '../core/errors.ts';
import type { LabelScores, LanguageModel } from '../llm/languageModel.ts';
import type { MaskedPrompt } from '../rationales/masking.ts';
import type { TaskFormat } from './prepareExample.ts';

/** Returns the scores of the task's labels. Throws a `UserError` for blocked tokens where the model cannot block any. */
export async function scoreMasked(
	model: LanguageModel,
	{ labels }: TaskFormat,
	prompts: readonly MaskedPrompt[],
): Promise<LabelScores[]> {
	const blocked = prompts.map((prompt) => prompt.blocked);
	const blocksAny = blocked.some(({ length }) => length > 0);
	if (blocksAny && !model.capabilities.has('attentionBlocking')) {
		throw new UserError(
			`masking "block_attention": the attention of "${model.id}" cannot be reached. Take masking "space" or "delete".`,
		);
	}
	return await model.scoreLabels(
		prompts.map(({ ids }) => ids),
		labels.map(({ tokens }) => tokens),
		blocksAny ? { blocked } : {},
	);
}

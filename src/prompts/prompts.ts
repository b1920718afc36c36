/** All prompts by id. A new wording is a new entry; entries are never changed. */
import { classificationPrompt } from './classification.ts';
import { counterfactualPrompt } from './counterfactual.ts';
import { explainFirstPrompt } from './explainFirst.ts';
import { freshPrompt } from './fresh.ts';
import type { ClassificationPrompt, PromptText, RationalePrompt } from './prompt.ts';
import { redactPrompt } from './redact.ts';
import { scoresPrompt } from './scores.ts';
import { topKPrompt } from './topK.ts';
import { unboundPrompt } from './unbound.ts';

export const prompts = {
	'classification/1': classificationPrompt,
	'prompt.unbound/1': unboundPrompt,
	'prompt.top_k/1': topKPrompt,
	'prompt.explain_first/1': explainFirstPrompt,
	'prompt.fresh/1': freshPrompt,
	'prompt.scores/1': scoresPrompt,
	'prompt.redact/1': redactPrompt,
	'prompt.counterfactual/1': counterfactualPrompt,
} as const satisfies Readonly<Record<string, ClassificationPrompt | RationalePrompt>>;

/** Returns id, version and wording of every prompt, for the study file and the report. */
export function promptTexts(): PromptText[] {
	return Object.values(prompts).map(({ id, version, wording }) => ({ id, version, wording }));
}

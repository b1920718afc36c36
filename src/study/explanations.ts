/** What all ways to ask a method have in common. */
import { messageOf, UserError } from '../core/errors.ts';
import type { LanguageModel, Target } from '../llm/languageModel.ts';
import type { Method, Missing, Ranking } from '../rationales/method.ts';
import type { Diagnostics } from '../rationales/perturbation/plan.ts';
import { defaultTarget, type TargetChoice, targetOf } from '../rationales/targets.ts';
import { nullWithoutTokens } from '../rationales/wordScores.ts';
import type { AskedExample, Asking, Explanation } from './explain.ts';
import type { PreparedExample } from './prepareExample.ts';
import type { AnswerRecord } from './records.ts';

/**
 * Returns the target of an example's gradients; a single logit where the labels have no contrast, or where the label to
 * explain or to contrast with does not exist (`labelProblem`).
 */
export function explainedTarget(asking: Asking, example: AskedExample, hasContrast: boolean): Target {
	const { labels } = asking.format;
	const { kind, foil } = choiceOf(asking);
	const isPossible = hasContrast && labelProblem(asking, example) === null;
	const explained = isPossible ? labelNumber(asking, explainedLabel(asking, example)) : example.predicted;
	const contrasted = isPossible && foil !== null ? labelNumber(asking, foil) : null;
	const id = isPossible ? (kind ?? defaultTarget(labels.length)) : 'logit';
	return targetOf(id, labels, example.logProbabilities, explained, contrasted);
}

/** Returns in words why this example has no label to explain, or to contrast with; null where it has both. */
export function labelProblem(asking: Asking, example: AskedExample): string | null {
	const { foil } = choiceOf(asking);
	const label = explainedLabel(asking, example);
	if (label === null) return 'the example has no gold label';
	if (labelNumber(asking, label) < 0) return `the gold label "${label}" is no label of the task`;
	if (foil === null) return null;
	if (labelNumber(asking, foil) < 0) return `the foil "${foil}" is no label of the task`;
	return foil === label ? `the foil "${foil}" is the label that is explained` : null;
}

/** Returns in words why gradients have no target with these labels, null where they have one. */
export function targetProblem(asking: Asking): string | null {
	const { labels } = asking.format;
	const even = labels.map(() => -1);
	try {
		targetOf(choiceOf(asking).kind ?? defaultTarget(labels.length), labels, even, 0);
		return null;
	} catch (error) {
		if (error instanceof UserError) return messageOf(error);
		throw error;
	}
}

function choiceOf({ settings: { target } }: Asking): TargetChoice {
	return target === null || typeof target === 'string' ? { kind: target, foil: null, of: 'predicted' } : target;
}

function explainedLabel(asking: Asking, { example, predicted }: AskedExample): string | null {
	return choiceOf(asking).of === 'gold' ? example.label : (asking.format.labels[predicted]?.label ?? null);
}

function labelNumber({ format }: Asking, label: string | null): number {
	return format.labels.findIndex((known) => known.label === label);
}

/** Returns the explanation from a ranking, or why there is none; words without tokens have no score. */
export function explanationOf(
	ranking: Ranking | Missing,
	{ prompt }: PreparedExample,
	answer: AnswerRecord | null = null,
	diagnostics: Diagnostics | null = null,
): Explanation {
	if ('missing' in ranking) return ranking;
	const scores = ranking.scores === null ? null : nullWithoutTokens(ranking.scores, prompt.tokensOfWord);
	return { ranking: { ...ranking, scores }, answer, diagnostics };
}

/** Returns in words what the model lacks for a method, null where it lacks nothing. */
export function incapable({ id, capabilities }: LanguageModel, { declaration: { needs } }: Method): string | null {
	return capabilities.has(needs) ? null : `the model "${id}" offers no ${needs}`;
}

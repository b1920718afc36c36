/** What all ways to ask a method have in common. */
import { messageOf, UserError } from '../core/errors.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import type { Method } from '../rationales/method.ts';
import type { Diagnostics } from '../rationales/perturbation/coalitionPlan.ts';
import { unitsOf } from '../rationales/perturbation/units.ts';
import { type AnswerTarget, defaultTarget, type TargetChoice, targetOf } from '../rationales/targets.ts';
import { nullWithoutTokens, type TokenUnits } from '../rationales/wordScores.ts';
import type { AnswerRecord } from '../records/records.ts';
import type { Missing } from '../core/score.ts';
import type { ClassifiedExample, ExplainContext, Explanation, EncodedExample } from './context.ts';
import type { Attribution } from '../rationales/attribution.ts';

/** Returns the target of an example's gradients; missing, with the reason, where it has none. */
export function explainedTarget(context: ExplainContext, example: ClassifiedExample): AnswerTarget | Missing {
	const problem = labelProblem(context, example);
	if (problem !== null) return { missing: problem };
	const { labels } = context.format;
	const { kind } = choiceOf(context);
	const foil = foilOf(context, example);
	const explained = labelNumber(context, explainedLabel(context, example));
	const contrasted = foil === null ? null : labelNumber(context, foil);
	try {
		return targetOf(kind ?? defaultTarget(labels.length), labels, example.logProbabilities, explained, contrasted);
	} catch (error) {
		if (error instanceof UserError) return { missing: messageOf(error) };
		throw error;
	}
}

/** Returns a target for passes whose scores do not depend on it: the predicted label's first token. */
export function anyTarget({ format }: ExplainContext, { predicted }: ClassifiedExample): AnswerTarget {
	return { tokens: format.labels[predicted]?.tokens.slice(0, 1) ?? [], weights: [1], after: [] };
}

/** Returns in words why this example has no label to explain, or to contrast with; null where it has both. */
function labelProblem(context: ExplainContext, example: ClassifiedExample): string | null {
	const foil = foilOf(context, example);
	const label = explainedLabel(context, example);
	if (label === null) return 'the example has no gold label';
	if (labelNumber(context, label) < 0) return `the gold label "${label}" is no label of the task`;
	if (foil === null) return null;
	if (foil === annotatedFoil) return 'nobody was asked to tell the label of this example from another one';
	if (labelNumber(context, foil) < 0) return `the foil "${foil}" is no label of the task`;
	return foil === label ? `the foil "${foil}" is the label that is explained` : null;
}

function choiceOf({ settings: { target } }: ExplainContext): TargetChoice {
	return target === null || typeof target === 'string' ? { kind: target, foil: null, of: 'predicted' } : target;
}

/** Stands for the label that the example's annotators were asked to tell the gold label from. */
const annotatedFoil = 'annotated';

/** Returns the label to contrast with; a task may have a label that is itself called `annotated`. */
function foilOf(context: ExplainContext, { example }: ClassifiedExample): string | null {
	const { foil } = choiceOf(context);
	const isOwn = foil === annotatedFoil && labelNumber(context, foil) < 0;
	return isOwn ? (example.foil ?? annotatedFoil) : foil;
}

function explainedLabel(context: ExplainContext, { example, predicted }: ClassifiedExample): string | null {
	return choiceOf(context).of === 'gold' ? example.label : (context.format.labels[predicted]?.label ?? null);
}

function labelNumber({ format }: ExplainContext, label: string | null): number {
	return format.labels.findIndex((known) => known.label === label);
}

/** Returns the tokens of what scores are given to. */
export function tokenUnits({ settings }: ExplainContext, { example, eligible, prompt }: EncodedExample): TokenUnits {
	return { tokensOfWord: prompt.tokensOfWord, units: unitsOf(settings.unit ?? 'word', example, eligible) };
}

/** Returns the explanation from a attribution, or why there is none; words without tokens have no score. */
export function explanationOf(
	attribution: Attribution | Missing,
	{ prompt }: EncodedExample,
	answer: AnswerRecord | null = null,
	diagnostics: Diagnostics | null = null,
): Explanation {
	if ('missing' in attribution) return attribution;
	const scores = attribution.scores === null ? null : nullWithoutTokens(attribution.scores, prompt.tokensOfWord);
	return { attribution: { ...attribution, scores }, answer, diagnostics };
}

/** Returns in words what the model lacks for a method, null where it lacks nothing. */
export function incapable({ id, capabilities }: LanguageModel, { declaration: { needs } }: Method): string | null {
	return capabilities.has(needs) ? null : `the model "${id}" offers no ${needs}`;
}

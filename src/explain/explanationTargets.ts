/** What all ways to ask a method have in common. */
import { messageOf, UserError } from '../core/errors.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import type { Method } from '../rationales/method.ts';
import type { Diagnostics } from '../rationales/perturbation/plan.ts';
import { unitsOf } from '../rationales/perturbation/units.ts';
import { type AnswerTarget, defaultTarget, type TargetChoice, targetOf } from '../rationales/targets.ts';
import { nullWithoutTokens, type TokenUnits } from '../rationales/wordScores.ts';
import type { AnswerRecord } from '../records/records.ts';
import type { Missing } from '../core/score.ts';
import type { AskedExample, Asking, Explanation, PreparedExample } from './context.ts';
import type { Ranking } from '../rationales/ranking.ts';

/** Returns the target of an example's gradients; missing, with the reason, where it has none. */
export function explainedTarget(asking: Asking, example: AskedExample): AnswerTarget | Missing {
	const problem = labelProblem(asking, example);
	if (problem !== null) return { missing: problem };
	const { labels } = asking.format;
	const { kind } = choiceOf(asking);
	const foil = foilOf(asking, example);
	const explained = labelNumber(asking, explainedLabel(asking, example));
	const contrasted = foil === null ? null : labelNumber(asking, foil);
	try {
		return targetOf(kind ?? defaultTarget(labels.length), labels, example.logProbabilities, explained, contrasted);
	} catch (error) {
		if (error instanceof UserError) return { missing: messageOf(error) };
		throw error;
	}
}

/** Returns a target for passes whose scores do not depend on it: the predicted label's first token. */
export function anyTarget({ format }: Asking, { predicted }: AskedExample): AnswerTarget {
	return { tokens: format.labels[predicted]?.tokens.slice(0, 1) ?? [], weights: [1], after: [] };
}

/** Returns in words why this example has no label to explain, or to contrast with; null where it has both. */
function labelProblem(asking: Asking, example: AskedExample): string | null {
	const foil = foilOf(asking, example);
	const label = explainedLabel(asking, example);
	if (label === null) return 'the example has no gold label';
	if (labelNumber(asking, label) < 0) return `the gold label "${label}" is no label of the task`;
	if (foil === null) return null;
	if (foil === annotatedFoil) return 'nobody was asked to tell the label of this example from another one';
	if (labelNumber(asking, foil) < 0) return `the foil "${foil}" is no label of the task`;
	return foil === label ? `the foil "${foil}" is the label that is explained` : null;
}

function choiceOf({ settings: { target } }: Asking): TargetChoice {
	return target === null || typeof target === 'string' ? { kind: target, foil: null, of: 'predicted' } : target;
}

/** Stands for the label that the example's annotators were asked to tell the gold label from. */
const annotatedFoil = 'annotated';

/** Returns the label to contrast with; a task may have a label that is itself called `annotated`. */
function foilOf(asking: Asking, { example }: AskedExample): string | null {
	const { foil } = choiceOf(asking);
	const isOwn = foil === annotatedFoil && labelNumber(asking, foil) < 0;
	return isOwn ? (example.foil ?? annotatedFoil) : foil;
}

function explainedLabel(asking: Asking, { example, predicted }: AskedExample): string | null {
	return choiceOf(asking).of === 'gold' ? example.label : (asking.format.labels[predicted]?.label ?? null);
}

function labelNumber({ format }: Asking, label: string | null): number {
	return format.labels.findIndex((known) => known.label === label);
}

/** Returns the tokens of what scores are given to. */
export function tokenUnits({ settings }: Asking, { example, eligible, prompt }: PreparedExample): TokenUnits {
	return { tokensOfWord: prompt.tokensOfWord, units: unitsOf(settings.unit ?? 'word', example, eligible) };
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

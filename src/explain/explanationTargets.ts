/** What all ways to ask a method have in common. */
import type { Aggregation } from '../core/declarations.ts';
import { messageOf, UserError } from '../core/errors.ts';
import { itemAt } from '../core/present.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import type { Method } from '../rationales/method.ts';
import type { Diagnostics } from '../rationales/perturbation/coalitionPlan.ts';
import { type UnitRule, unitsOf } from '../rationales/perturbation/units.ts';
import {
	type AnswerTarget,
	defaultTarget,
	type LabelTokens,
	type TargetChoice,
	targetOf,
} from '../rationales/targets.ts';
import { nullWithoutTokens, type TokenUnits } from '../rationales/wordScores.ts';
import type { AnswerRecord } from '../records/records.ts';
import type { Missing } from '../core/score.ts';
import type { ClassifiedExample, EncodedExample, Explanation } from './context.ts';
import type { RationaleSettings } from './settings.ts';
import type { Attribution } from '../rationales/attribution.ts';

/** Returns the target of an example's gradients; missing, with the reason, where it has none. */
export function explainedTarget(
	labels: readonly LabelTokens[],
	target: RationaleSettings['target'],
	example: ClassifiedExample,
): AnswerTarget | Missing {
	const choice: TargetChoice =
		target === null || typeof target === 'string' ? { kind: target, foil: null, of: 'predicted' } : target;
	const explained = explainedLabel(labels, choice, example);
	const foil = foilOf(labels, choice, example);
	const problem = labelProblem(labels, explained, foil);
	if (problem !== null) return { missing: problem };
	const contrasted = foil === null ? null : labelNumber(labels, foil);
	const kind = choice.kind ?? defaultTarget(labels.length);
	try {
		return targetOf(kind, labels, example, labelNumber(labels, explained), contrasted);
	} catch (error) {
		if (error instanceof UserError) return { missing: messageOf(error) };
		throw error;
	}
}

/** Returns a target for passes whose scores do not depend on it: the predicted label's first token. */
export function anyTarget(labels: readonly LabelTokens[], { predicted }: ClassifiedExample): AnswerTarget {
	return { tokens: itemAt(labels, predicted).tokens.slice(0, 1), weights: [1], after: [] };
}

/** Returns in words why there is no label to explain, or to contrast with; null where there are both. */
function labelProblem(labels: readonly LabelTokens[], explained: string | null, foil: string | null): string | null {
	if (explained === null) return 'the example has no gold label';
	if (labelNumber(labels, explained) < 0) return `the gold label "${explained}" is no label of the task`;
	if (foil === null) return null;
	if (foil === annotatedFoil) return 'nobody was asked to tell the label of this example from another one';
	if (labelNumber(labels, foil) < 0) return `the foil "${foil}" is no label of the task`;
	return foil === explained ? `the foil "${foil}" is the label that is explained` : null;
}

/** Stands for the label that the example's annotators were asked to tell the gold label from. */
const annotatedFoil = 'annotated';

/** Returns the label to contrast with; a task may have a label that is itself called `annotated`. */
function foilOf(labels: readonly LabelTokens[], { foil }: TargetChoice, { example }: ClassifiedExample): string | null {
	const isOwn = foil === annotatedFoil && labelNumber(labels, foil) < 0;
	return isOwn ? (example.foil ?? annotatedFoil) : foil;
}

function explainedLabel(
	labels: readonly LabelTokens[],
	{ of }: TargetChoice,
	{ example, predicted }: ClassifiedExample,
): string | null {
	return of === 'gold' ? example.label : itemAt(labels, predicted).label;
}

function labelNumber(labels: readonly LabelTokens[], label: string | null): number {
	return labels.findIndex((known) => known.label === label);
}

/** Returns the tokens of what scores are given to. */
export function tokenUnits(unit: UnitRule | undefined, { example, eligible, prompt }: EncodedExample): TokenUnits {
	return { tokensOfWord: prompt.tokensOfWord, units: unitsOf(unit ?? 'word', example, eligible) };
}

/** Returns the explanation from an attribution, or why there is none; words without tokens have no score. */
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
	const asksTheModel = needs !== 'nothing' && needs !== 'annotations';
	return asksTheModel && !capabilities.has(needs) ? `the model "${id}" offers no ${needs}` : null;
}

/** Returns how the scores of a unit's tokens become its score. */
export function aggregationOf(
	{ declaration }: { readonly declaration: { readonly aggregation: Aggregation } },
	{ aggregation }: RationaleSettings,
): Aggregation {
	return aggregation ?? declaration.aggregation;
}

/** Returns what of a cell says that scores are given to units; nothing where they are given to words. */
export function unitContent({ unit = 'word' }: RationaleSettings): unknown[] {
	return unit === 'word' ? [] : [{ unit }];
}

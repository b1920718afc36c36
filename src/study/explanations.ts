/** What all ways to ask a method have in common. */
import { messageOf, UserError } from '../core/errors.ts';
import type { LanguageModel, Target } from '../llm/languageModel.ts';
import type { Method, Missing, Ranking } from '../rationales/method.ts';
import type { Diagnostics } from '../rationales/perturbation/plan.ts';
import { defaultTarget, targetOf } from '../rationales/targets.ts';
import { nullWithoutTokens } from '../rationales/wordScores.ts';
import type { AskedExample, Asking, Explanation } from './explain.ts';
import type { PreparedExample } from './prepareExample.ts';
import type { AnswerRecord } from './records.ts';

/** Returns the target of an example's gradients; a single logit where the labels have no contrast. */
export function explainedTarget({ format, settings }: Asking, example: AskedExample, hasContrast: boolean): Target {
	const id = hasContrast ? (settings.target ?? defaultTarget(format.labels.length)) : 'logit';
	return targetOf(id, format.labels, example.logProbabilities, example.predicted);
}

/** Returns in words why gradients have no target with these labels, null where they have one. */
export function targetProblem({ format, settings }: Asking): string | null {
	const even = format.labels.map(() => -1);
	try {
		targetOf(settings.target ?? defaultTarget(format.labels.length), format.labels, even, 0);
		return null;
	} catch (error) {
		if (error instanceof UserError) return messageOf(error);
		throw error;
	}
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

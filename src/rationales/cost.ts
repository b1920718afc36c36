/** What methods ask of a model, before anything runs. Letters: T tokens of a prompt, U units of a text. */
import { seededRandom } from '../core/random.ts';
import { nameOf } from './perturbation/coalitionPlan.ts';
import { mostReplacements } from './perturbation/reagent.ts';
import type { Missing } from '../core/score.ts';
import type { PerturbationMethod, ReplacementMethod } from './perturbation/method.ts';

export interface CostRequest {
	/** T. */
	readonly tokens: number;
	/** U. */
	readonly unitCount: number;
	/** Most prompts a perturbation method may score; null for its own number. */
	readonly evaluations: number | null;
	/** Upper limit of tokens of an answer. */
	readonly maxAnswerTokens: number;
	/** Upper limits of tokens that are thought before an answer; 0 where the model answers at once. */
	readonly thought: ThoughtCost;
}

/** Tokens that are written before each answer, at most. */
export interface ThoughtCost {
	/** About the text as it is. */
	readonly whole: number;
	/** About a text of which something is masked. */
	readonly masked: number;
}

export const noThought: ThoughtCost = { whole: 0, masked: 0 };

/** Passes for one text. */
export interface TextCost {
	/** Prompts read. */
	readonly forward: number;
	/** Passes back through such a prompt. */
	readonly backward: number;
	/** Tokens written, at most. */
	readonly written: number;
	/** Whether the numbers are exact, or the least or the most there can be. */
	readonly bound: 'exact' | 'least' | 'most';
}

export const noCost: TextCost = { forward: 0, backward: 0, written: 0, bound: 'exact' };

export function replacementCost(_: ReplacementMethod, { evaluations, thought }: CostRequest): TextCost {
	const forward = mostReplacements(evaluations);
	return { ...noCost, forward, written: forward * thought.masked, bound: 'most' };
}

/** The subsets a method asks about are known once the number of units is; the draws do not matter for their number. */
export function perturbationCost(
	method: PerturbationMethod,
	{ unitCount, evaluations, thought }: CostRequest,
): TextCost | Missing {
	if (unitCount === 0) return noCost;
	const plan = method.plan({ unitCount, random: seededRandom('cost', method.declaration.id), evaluations });
	if ('missing' in plan) return plan;
	const forward = new Set(plan.sets.map(nameOf)).size;
	return { ...noCost, forward, written: forward * thought.masked, bound: thought.masked > 0 ? 'most' : 'exact' };
}

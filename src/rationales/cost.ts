/** What methods ask of a model, before anything runs. Letters: T tokens of a prompt, U units of a text. */
import { seededRandom } from '../core/random.ts';
import type { MultiPassRequest } from '../llm/languageModel.ts';
import type { Method } from './method.ts';
import { nameOf } from './perturbation/coalitionPlan.ts';
import { mostReplacements } from './perturbation/reagent.ts';
import type { Missing } from '../core/score.ts';
import type { PerturbationMethod } from './perturbation/method.ts';

export interface CostRequest {
	/** T. */
	readonly tokens: number;
	/** U. */
	readonly unitCount: number;
	/** Most prompts a perturbation method may score; null for its own number. */
	readonly evaluations: number | null;
	/** Upper limit of tokens of an answer. */
	readonly maxAnswerTokens: number;
}

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

const nothing: TextCost = { forward: 0, backward: 0, written: 0, bound: 'exact' };

/**
 * Returns what a method needs for one text; missing, with the reason, where it cannot do with so few evaluations. All
 * methods that read from one pass share it: only the first of them is to be counted.
 */
export function textCost(method: Method, request: CostRequest): TextCost | Missing {
	if (method.kind === 'reference') return nothing;
	if (method.kind === 'pass')
		return { ...nothing, forward: 1, backward: method.declaration.needs === 'gradients' ? 1 : 0 };
	if (method.kind === 'prompt') return { ...nothing, forward: 1, written: request.maxAnswerTokens, bound: 'most' };
	if (method.kind === 'replacement')
		return { ...nothing, forward: mostReplacements(request.evaluations), bound: 'most' };
	if (method.kind === 'perturbation') return perturbationCost(method, request);
	const asked = method.request({ neutral: 0, commonWords: [0] });
	return 'missing' in asked ? asked : multiPassCost(asked, request.tokens);
}

/** The subsets a method asks about are known once the number of units is; the draws do not matter for their number. */
function perturbationCost(method: PerturbationMethod, { unitCount, evaluations }: CostRequest): TextCost | Missing {
	if (unitCount === 0) return nothing;
	const plan = method.plan({ unitCount, random: seededRandom('cost', method.declaration.id), evaluations });
	if ('missing' in plan) return plan;
	return { ...nothing, forward: new Set(plan.sets.map(nameOf)).size };
}

function multiPassCost(request: MultiPassRequest, tokens: number): TextCost {
	switch (request.kind) {
		case 'integratedGradients': {
			const passes = request.nodes + 2;
			return { ...nothing, forward: passes, backward: passes, bound: 'least' };
		}
		case 'smoothGradient':
		case 'gradientShap':
			return { ...nothing, forward: request.samples, backward: request.samples };
		case 'valueZeroing':
			return { ...nothing, forward: tokens };
		case 'altiLogit':
			return { ...nothing, forward: 1, backward: 1 };
	}
}

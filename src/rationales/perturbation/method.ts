/** Perturbation methods: what they ask of a model's predictions. */
import type { MethodDeclaration } from '../../core/declarations.ts';
import type { Plan, PlanRequest, UnitScores } from './coalitionPlan.ts';
import type { ReplacementRequest } from './replacement.ts';
import type { Missing } from '../../core/score.ts';

/** Takes units (words, sentences, spans) away and compares predictions. */
export interface PerturbationMethod {
	readonly kind: 'perturbation';
	readonly declaration: MethodDeclaration;
	/** Returns what to evaluate, or why it cannot be done with so few evaluations. */
	plan(request: PlanRequest): Plan | Missing;
}

/** Puts other tokens in the place of units and compares predictions. */
export interface ReplacementMethod {
	readonly kind: 'replacement';
	readonly declaration: MethodDeclaration;
	explain(request: ReplacementRequest): Promise<UnitScores | Missing>;
}

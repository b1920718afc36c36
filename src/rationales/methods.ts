/** All methods by id: the command line, the study and the report render from this record. */
import { attributionMethods } from '../llm/attribution/attributionMethods.ts';
import type { Method } from './method.ts';
import { kernelShap } from './perturbation/kernelShap.ts';
import { lime } from './perturbation/lime.ts';
import { occlusion } from './perturbation/occlusion.ts';
import { permutationShap } from './perturbation/permutationShap.ts';
import { reagent } from './perturbation/reagent.ts';
import { constrained } from './prompting/constrained.ts';
import { counterfactual } from './prompting/counterfactual.ts';
import { explainFirst } from './prompting/explainFirst.ts';
import { fresh } from './prompting/fresh.ts';
import { redact } from './prompting/redact.ts';
import { scores } from './prompting/scores.ts';
import { topK } from './prompting/topK.ts';
import { topRatio } from './prompting/topRatio.ts';
import { unbound } from './prompting/unbound.ts';
import { corrupted } from './reference/corrupted.ts';
import { human } from './reference/human.ts';
import { random } from './reference/random.ts';

export const methods = {
	...attributionMethods,
	occlusion,
	lime,
	kernel_shap: kernelShap,
	permutation_shap: permutationShap,
	reagent,
	'prompt.unbound': unbound,
	'prompt.top_k': topK,
	'prompt.top_ratio': topRatio,
	'prompt.constrained': constrained,
	'prompt.explain_first': explainFirst,
	'prompt.fresh': fresh,
	'prompt.scores': scores,
	'prompt.redact': redact,
	'prompt.counterfactual': counterfactual,
	human,
	'corrupted.0': corrupted(0),
	'corrupted.25': corrupted(0.25),
	'corrupted.50': corrupted(0.5),
	'corrupted.75': corrupted(0.75),
	'corrupted.100': corrupted(1),
	random,
} as const satisfies Readonly<Record<string, Method>>;

export type MethodId = keyof typeof methods;

export const methodIds = Object.keys(methods) as readonly MethodId[];

/** Returns true for the id of a method. */
export function isMethodId(id: string): id is MethodId {
	return Object.hasOwn(methods, id);
}

/** Returns the method whose rationales selection `matched` takes its lengths from: the first that chooses them itself. */
export function matchedMethod(ids: readonly MethodId[]): MethodId | null {
	const isFree = (method: Method): boolean => method.kind === 'prompt' && method.prompt.length === 'free';
	return ids.find((id) => isFree(methods[id])) ?? null;
}

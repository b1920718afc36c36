/** Methods that take units away: units are masked in the prompt and the labels scored again. */
import type { Missing } from '../core/score.ts';
import { perturbationCost } from '../rationales/cost.ts';
import { maskings, maskWords } from '../rationales/masking.ts';
import type { UnitScores } from '../rationales/perturbation/coalitionPlan.ts';
import { explainUnits, rememberedValues, type SetValues } from '../rationales/perturbation/explainUnits.ts';
import type { PerturbationMethod } from '../rationales/perturbation/method.ts';
import { predictionValue } from '../rationales/perturbation/predictionTargets.ts';
import { spreadOverWords, unitsOf } from '../rationales/perturbation/units.ts';
import { scoreMasked } from './masked/scoreMasked.ts';
import type { ClassifiedExample, Explanation, TaskModel } from './context.ts';
import { explanationOf, incapable } from './explanationTargets.ts';
import { type MethodKind, noCountRules } from './methodKind.ts';
import type { PerturbationSettings, RationaleSettings } from './settings.ts';

export const byPerturbation: MethodKind<PerturbationMethod> = {
	/** Example by example: a subset of units that several methods need is scored once. */
	explain: async (taskModel, { settings }, methods, examples) => {
		const byExample: Explanation[][] = [];
		for (const example of examples) byExample.push(await explainExample(taskModel, settings, methods, example));
		return methods.map((_, method) => byExample.map((row) => row[method] ?? { missing: 'nothing was computed' }));
	},
	sharesPass: false,
	cost: perturbationCost,
	content: (_, { perturbation }) => perturbation,
	countRules: noCountRules,
};

async function explainExample(
	taskModel: TaskModel,
	{ seed, perturbation }: RationaleSettings,
	methods: readonly PerturbationMethod[],
	example: ClassifiedExample,
): Promise<Explanation[]> {
	const units = unitsOf(perturbation.unit, example.example, example.eligible);
	const score = rememberedValues(valuesOfKept(taskModel, perturbation, example, units));
	const { evaluations } = perturbation;
	const request = { seed, exampleId: example.example.id, evaluations, unitCount: units.length, score };
	const found: Explanation[] = [];
	for (const method of methods) {
		const problem = incapable(taskModel.model, method);
		const scores = problem === null ? await explainUnits(method, request) : { missing: problem };
		found.push(unitExplanation(scores, units, example));
	}
	return found;
}

/** Returns what scores of units say of the words. */
export function unitExplanation(
	found: UnitScores | Missing,
	units: readonly (readonly number[])[],
	example: ClassifiedExample,
): Explanation {
	if ('missing' in found) return found;
	const scores = spreadOverWords(found.scores, units, example.wordCount);
	return explanationOf({ scores, own: null }, example, null, found.diagnostics);
}

/** Returns v: the target of the prompt in which the units that are not kept are masked. */
function valuesOfKept(
	taskModel: TaskModel,
	{ masking, target }: PerturbationSettings,
	{ prompt, logProbabilities, predicted }: ClassifiedExample,
	units: readonly (readonly number[])[],
): SetValues {
	const value = predictionValue(target, logProbabilities, predicted);
	return async (sets) => {
		const prompts = sets.map((kept) => {
			const left = units.filter((_, unit) => kept[unit] !== true).flat();
			return maskWords(maskings[masking], prompt, left);
		});
		const scores = await scoreMasked(taskModel, 'explain', prompts);
		return scores.map((said) => value(said.logProbabilities));
	};
}

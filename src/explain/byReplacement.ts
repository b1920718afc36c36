/** Methods that put other tokens in the place of units and score the labels again. */
import { itemAt } from '../core/present.ts';
import type { TokenIds } from '../llm/languageModel.ts';
import { replacementCost } from '../rationales/cost.ts';
import { unblocked } from '../rationales/masking.ts';
import type { ReplacementMethod } from '../rationales/perturbation/method.ts';
import { predictionValue } from '../rationales/perturbation/predictionTargets.ts';
import { type ReplacedPrediction, replacementText } from '../rationales/perturbation/replacement.ts';
import { unitsOf } from '../rationales/perturbation/units.ts';
import { unitExplanation } from './byPerturbation.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import { scoreMasked } from './masked/scoreMasked.ts';
import type { ClassifiedExample, Explanation, TaskModel } from './context.ts';
import { incapable } from './explanationTargets.ts';
import { type MethodKind, noCountRules } from './methodKind.ts';
import type { RationaleSettings } from './settings.ts';

export const byReplacement: MethodKind<ReplacementMethod> = {
	explain: async (taskModel, { settings }, methods, examples) => {
		const found: Explanation[][] = [];
		for (const method of methods) {
			const problem = incapable(taskModel.model, method);
			const own: Explanation[] = [];
			for (const example of examples) {
				own.push(problem === null ? await explainExample(taskModel, settings, method, example) : { missing: problem });
			}
			found.push(own);
		}
		return found;
	},
	sharesPass: false,
	cost: replacementCost,
	content: (_, { perturbation }) => perturbation,
	countRules: noCountRules,
};

async function explainExample(
	taskModel: TaskModel,
	{ seed, perturbation }: RationaleSettings,
	method: ReplacementMethod,
	example: ClassifiedExample,
): Promise<Explanation> {
	const { ids, tokensOfWord } = example.prompt;
	const units = unitsOf(perturbation.unit, example.example, example.eligible);
	const found = await method.explain({
		seed,
		exampleId: example.example.id,
		evaluations: perturbation.evaluations,
		ids,
		units: units.map((words) => words.flatMap((word) => itemAt(tokensOfWord, word))),
		replacements: [...new Set((await taskModel.model.encode(replacementText)).ids)],
		score: (prompts) => replacedPredictions(taskModel, example, prompts),
	});
	return unitExplanation(found, units, example);
}

async function replacedPredictions(
	taskModel: TaskModel,
	{ logProbabilities, predicted }: ClassifiedExample,
	prompts: readonly TokenIds[],
): Promise<ReplacedPrediction[]> {
	const probability = predictionValue('probability', logProbabilities, predicted);
	const scores = await scoreMasked(taskModel, 'explain', prompts.map(unblocked));
	return scores.map((said) => ({
		probability: probability(said.logProbabilities),
		isSame: mostProbable(said) === predicted,
	}));
}

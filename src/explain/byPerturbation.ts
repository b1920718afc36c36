/** Perturbation methods on one example: units are masked or replaced in the prompt and the labels scored again. */
import type { TokenIds } from '../llm/languageModel.ts';
import { maskings, maskWords, unblocked } from '../rationales/masking.ts';
import { explainUnits, rememberedValues, type SetValues } from '../rationales/perturbation/explainUnits.ts';
import type { Diagnostics } from '../rationales/perturbation/coalitionPlan.ts';
import { predictionValue } from '../rationales/perturbation/predictionTargets.ts';
import { type ReplacedPrediction, replacementText } from '../rationales/perturbation/replacement.ts';
import { spreadOverWords, unitsOf } from '../rationales/perturbation/units.ts';
import { scoreMasked } from './masked/scoreMasked.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { Missing } from '../core/score.ts';
import type { ClassifiedExample, ExplainContext } from './context.ts';
import type { Attribution } from '../rationales/attribution.ts';
import type { PerturbationMethod, ReplacementMethod } from '../rationales/perturbation/method.ts';

/** The methods that look at predictions only. */
export type PredictionMethod = PerturbationMethod | ReplacementMethod;

/** What such a method says about one example. */
export type Perturbed = Missing | { readonly attribution: Attribution; readonly diagnostics: Diagnostics };

/** Returns what each method says about the example; a subset of units that several methods need is scored once. */
export async function perturb(
	context: ExplainContext,
	methods: readonly PredictionMethod[],
	asked: ClassifiedExample,
): Promise<Map<PredictionMethod, Perturbed>> {
	const { seed, perturbation } = context.settings;
	const units = unitsOf(perturbation.unit, asked.example, asked.eligible);
	const keptValues = rememberedValues(valuesOfKept(context, asked, units));
	const found = new Map<PredictionMethod, Perturbed>();
	for (const method of methods) {
		const request = { seed, exampleId: asked.example.id, evaluations: perturbation.evaluations };
		const scored =
			method.kind === 'perturbation'
				? await explainUnits(method, { ...request, unitCount: units.length, score: keptValues })
				: await method.explain({ ...request, ...(await replacementsIn(context, asked, units)) });
		if ('missing' in scored) found.set(method, scored);
		else {
			const scores = spreadOverWords(scored.scores, units, asked.wordCount);
			found.set(method, { attribution: { scores, own: null }, diagnostics: scored.diagnostics });
		}
	}
	return found;
}

/** Returns v: the target of the prompt in which the units that are not kept are masked. */
function valuesOfKept(
	context: ExplainContext,
	asked: ClassifiedExample,
	units: readonly (readonly number[])[],
): SetValues {
	const { masking, target } = context.settings.perturbation;
	const value = predictionValue(target, asked.logProbabilities, asked.predicted);
	return async (sets) => {
		const prompts = sets.map((kept) => {
			const left = units.filter((_, unit) => kept[unit] !== true).flat();
			return maskWords(maskings[masking], asked.prompt, left);
		});
		const scores = await scoreMasked(context, 'explain', prompts);
		return scores.map(({ logProbabilities }) => value(logProbabilities));
	};
}

/** Returns the part of a replacement request that depends on model and prompt. */
async function replacementsIn(
	context: ExplainContext,
	asked: ClassifiedExample,
	units: readonly (readonly number[])[],
) {
	const { ids, tokensOfWord } = asked.prompt;
	const probability = predictionValue('probability', asked.logProbabilities, asked.predicted);
	return {
		ids,
		units: units.map((words) => words.flatMap((word) => tokensOfWord[word] ?? [])),
		replacements: [...new Set((await context.model.encode(replacementText)).ids)],
		score: async (prompts: readonly TokenIds[]): Promise<ReplacedPrediction[]> =>
			(await scoreMasked(context, 'explain', prompts.map(unblocked))).map((scores) => ({
				probability: probability(scores.logProbabilities),
				isSame: mostProbable(scores) === asked.predicted,
			})),
	};
}

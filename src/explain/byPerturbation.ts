/** Perturbation methods on one example: units are masked or replaced in the prompt and the labels scored again. */
import type { TokenIds } from '../llm/languageModel.ts';
import { maskings, maskWords, unblocked } from '../rationales/masking.ts';
import { explainUnits, rememberedValues, type SetValues } from '../rationales/perturbation/explainUnits.ts';
import type { Diagnostics } from '../rationales/perturbation/plan.ts';
import { predictionValue } from '../rationales/perturbation/predictionTargets.ts';
import { type ReplacedPrediction, replacementText } from '../rationales/perturbation/replacement.ts';
import { spreadOverWords, unitsOf } from '../rationales/perturbation/units.ts';
import { scoreMasked } from './masked/scoreMasked.ts';
import { mostProbable } from './masked/maskedPredictions.ts';
import type { Missing } from '../core/score.ts';
import type { AskedExample, Asking } from './context.ts';
import type { Ranking } from '../rationales/ranking.ts';
import type { PerturbationMethod, ReplacementMethod } from '../rationales/perturbation/method.ts';

/** The methods that look at predictions only. */
export type PredictionMethod = PerturbationMethod | ReplacementMethod;

/** What such a method says about one example. */
export type Perturbed = Missing | { readonly ranking: Ranking; readonly diagnostics: Diagnostics };

/** Returns what each method says about the example; a subset of units that several methods need is scored once. */
export async function perturb(
	asking: Asking,
	methods: readonly PredictionMethod[],
	asked: AskedExample,
): Promise<Map<PredictionMethod, Perturbed>> {
	const { seed, perturbation } = asking.settings;
	const units = unitsOf(perturbation.unit, asked.example, asked.eligible);
	const keptValues = rememberedValues(valuesOfKept(asking, asked, units));
	const found = new Map<PredictionMethod, Perturbed>();
	for (const method of methods) {
		const request = { seed, exampleId: asked.example.id, evaluations: perturbation.evaluations };
		const scored =
			method.kind === 'perturbation'
				? await explainUnits(method, { ...request, unitCount: units.length, score: keptValues })
				: await method.explain({ ...request, ...(await replacementsIn(asking, asked, units)) });
		if ('missing' in scored) found.set(method, scored);
		else {
			const scores = spreadOverWords(scored.scores, units, asked.wordCount);
			found.set(method, { ranking: { scores, own: null }, diagnostics: scored.diagnostics });
		}
	}
	return found;
}

/** Returns v: the target of the prompt in which the units that are not kept are masked. */
function valuesOfKept(asking: Asking, asked: AskedExample, units: readonly (readonly number[])[]): SetValues {
	const { masking, target } = asking.settings.perturbation;
	const value = predictionValue(target, asked.logProbabilities, asked.predicted);
	return async (sets) => {
		const prompts = sets.map((kept) => {
			const left = units.filter((_, unit) => kept[unit] !== true).flat();
			return maskWords(maskings[masking], asked.prompt, left);
		});
		const scores = await scoreMasked(asking, 'explain', prompts);
		return scores.map(({ logProbabilities }) => value(logProbabilities));
	};
}

/** Returns the part of a replacement request that depends on model and prompt. */
async function replacementsIn(asking: Asking, asked: AskedExample, units: readonly (readonly number[])[]) {
	const { ids, tokensOfWord } = asked.prompt;
	const probability = predictionValue('probability', asked.logProbabilities, asked.predicted);
	return {
		ids,
		units: units.map((words) => words.flatMap((word) => tokensOfWord[word] ?? [])),
		replacements: [...new Set((await asking.model.encode(replacementText)).ids)],
		score: async (prompts: readonly TokenIds[]): Promise<ReplacedPrediction[]> =>
			(await scoreMasked(asking, 'explain', prompts.map(unblocked))).map((scores) => ({
				probability: probability(scores.logProbabilities),
				isSame: mostProbable(scores) === asked.predicted,
			})),
	};
}

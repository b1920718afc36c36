/** Methods that take several passes per example. */
import { InternalError, messageOf, UserError } from '../core/errors.ts';
import type { ExplainedPrompt, LanguageModel, MultiPassAttribution, MultiPassRequest } from '../llm/languageModel.ts';
import { replacementText } from '../rationales/perturbation/replacement.ts';
import { rankTokens } from '../rationales/wordScores.ts';
import { anyTarget, explainedTarget, explanationOf, incapable, tokenUnits } from './explanationTargets.ts';
import type { Missing } from '../core/score.ts';
import type { ClassifiedExample, ExplainContext, Explanation } from './context.ts';
import type { MultiPassMethod } from '../llm/attribution/method.ts';

/** Returns what the method says about each example; each is a call of its own, so that a run can be stopped between. */
export async function explainByPasses(
	context: ExplainContext,
	method: MultiPassMethod,
	examples: readonly ClassifiedExample[],
): Promise<Explanation[]> {
	const request = await requestFor(context, method);
	const explanations: Explanation[] = [];
	for (const example of examples) {
		explanations.push('missing' in request ? request : await explainOne(context, method, request, example));
	}
	return explanations;
}

async function requestFor(context: ExplainContext, method: MultiPassMethod): Promise<MultiPassRequest | Missing> {
	const { model, format } = context;
	const problem = incapable(model, method);
	if (problem !== null) return { missing: problem };
	const commonWords = [...new Set((await model.encode(replacementText)).ids)];
	return method.request({ neutral: format.neutralToken, commonWords });
}

async function explainOne(
	context: ExplainContext,
	{ declaration }: MultiPassMethod,
	request: MultiPassRequest,
	example: ClassifiedExample,
): Promise<Explanation> {
	const { ids, tokensOfWord } = example.prompt;
	const explained = [...new Set(tokensOfWord.flat())].toSorted((a, b) => a - b);
	if (explained.length === 0) return { missing: 'no word of the text has a token' };
	const target = declaration.targetSpecific ? explainedTarget(context, example) : anyTarget(context, example);
	if ('missing' in target) return target;
	context.step('explain');
	const seed = JSON.stringify([context.settings.seed, example.example.id]);
	const found = await attributed(context.model, { ids: [...ids, ...target.after], target, explained, seed }, request);
	if ('missing' in found) return found;
	const aggregation = context.settings.aggregation ?? declaration.aggregation;
	const attribution = rankTokens(found.scores, tokenUnits(context, example), aggregation);
	return explanationOf(attribution, example, null, found.diagnostics);
}

/** Returns the scores; missing, with the reason, where the model's family does not support the request. */
async function attributed(
	model: LanguageModel,
	prompt: ExplainedPrompt,
	request: MultiPassRequest,
): Promise<MultiPassAttribution | Missing> {
	try {
		const [found] = await model.attributeByPasses([prompt], request);
		if (found === undefined) throw new InternalError(`${request.kind}: no scores came back`);
		return found;
	} catch (error) {
		if (error instanceof UserError) return { missing: messageOf(error) };
		throw error;
	}
}

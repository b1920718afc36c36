/** Methods that take several passes per example. */
import { InternalError, messageOf, UserError } from '../core/errors.ts';
import type { ExplainedPrompt, LanguageModel, MultiPassAttribution, MultiPassRequest } from '../llm/languageModel.ts';
import { noCost } from '../rationales/cost.ts';
import { replacementText } from '../rationales/perturbation/replacement.ts';
import { rankTokens } from '../rationales/wordScores.ts';
import {
	aggregationOf,
	anyTarget,
	explainedTarget,
	explanationOf,
	incapable,
	tokenUnits,
	unitContent,
} from './explanationTargets.ts';
import type { Missing } from '../core/score.ts';
import { answerPromptOf, type ClassifiedExample, type Explanation, type TaskModel } from './context.ts';
import type { MultiPassMethod } from '../llm/attribution/method.ts';
import { type MethodKind, noCountRules } from './methodKind.ts';
import type { RationaleSettings } from './settings.ts';

export const byPasses: MethodKind<MultiPassMethod> = {
	explain: async (taskModel, { settings }, methods, examples) => {
		const explanations: Explanation[][] = [];
		for (const method of methods) explanations.push(await explainByPasses(taskModel, settings, method, examples));
		return explanations;
	},
	sharesPass: false,
	cost: (method, { tokens }) => {
		const request = method.request(someTokens);
		return 'missing' in request ? request : { ...noCost, ...method.cost(request, tokens) };
	},
	content: (method, settings) => [
		method.request(someTokens),
		aggregationOf(method, settings),
		settings.target,
		...unitContent(settings),
	],
	countRules: noCountRules,
};

/** Stand in where only the size of a request matters: the tokens belong to the model, whose identity is part of the cell. */
const someTokens = { neutral: 0, commonWords: [0] };

/** Returns what the method says about each example; each is a call of its own, so that a run can be stopped between. */
async function explainByPasses(
	taskModel: TaskModel,
	settings: RationaleSettings,
	method: MultiPassMethod,
	examples: readonly ClassifiedExample[],
): Promise<Explanation[]> {
	const request = await requestFor(taskModel, method);
	const explanations: Explanation[] = [];
	for (const example of examples) {
		explanations.push('missing' in request ? request : await explainOne(taskModel, settings, method, request, example));
	}
	return explanations;
}

async function requestFor({ model, format }: TaskModel, method: MultiPassMethod): Promise<MultiPassRequest | Missing> {
	const problem = incapable(model, method);
	if (problem !== null) return { missing: problem };
	const commonWords = [...new Set((await model.encode(replacementText)).ids)];
	return method.request({ neutral: format.neutralToken, commonWords });
}

async function explainOne(
	{ model, format: { labels }, step }: TaskModel,
	settings: RationaleSettings,
	method: MultiPassMethod,
	request: MultiPassRequest,
	example: ClassifiedExample,
): Promise<Explanation> {
	const { ids, tokensOfWord } = answerPromptOf(example);
	const explained = [...new Set(tokensOfWord.flat())].toSorted((a, b) => a - b);
	if (explained.length === 0) return { missing: 'no word of the text has a token' };
	const target = method.declaration.targetSpecific
		? explainedTarget(labels, settings.target, example)
		: anyTarget(labels, example);
	if ('missing' in target) return target;
	step('explain');
	const seed = JSON.stringify([settings.seed, example.example.id]);
	const found = await attributed(model, { ids: [...ids, ...target.after], target, explained, seed }, request);
	if ('missing' in found) return found;
	const units = tokenUnits(settings.unit, example);
	const attribution = rankTokens(found.scores, units, aggregationOf(method, settings));
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

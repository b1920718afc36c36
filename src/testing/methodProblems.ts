/** What every method promises, whatever it computes. */
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../core/errors.ts';
import { type Example, exampleWords } from '../core/example.ts';
import { defaultPerturbation } from '../explain/settings.ts';
import type { LanguageModel, TokenIds } from '../llm/languageModel.ts';
import type { Attribution } from '../rationales/attribution.ts';
import type { Method } from '../rationales/method.ts';
import { type ExplainedExamples, explainExamples } from './explainExamples.ts';
import { toyExamples, toyModel, toyTask } from './toyTask.ts';

/** Log-odds make the toy model linear for methods that look at predictions. */
const settings = { perturbation: { ...defaultPerturbation, target: 'logodds_labels' as const } };

/**
 * Returns in words which promises a method breaks on a linear model; none for a sound one. It gives every word a finite
 * score or chooses words of the text, says the same with the same seed, alone and among other texts, and touches nothing
 * outside the text.
 * @param answer what the model says when a prompting method asks it for words.
 */
export async function methodProblems(method: Method, answer?: string): Promise<string[]> {
	try {
		return await brokenPromises(method, answer);
	} catch (error) {
		return [`cannot be asked: ${messageOf(error)}`];
	}
}

async function brokenPromises(method: Method, answer: string | undefined): Promise<string[]> {
	const model = toyModel(answer);
	const examples = toyExamples();
	const [first, ...others] = examples;
	if (first === undefined) return [];
	const together = await explainExamples(model, toyTask, method, examples, settings);
	const alone = await explainExamples(model, toyTask, method, [first], settings);
	const again = await explainExamples(model, toyTask, method, [first], settings);
	const among = await explainExamples(model, toyTask, method, [...others, first], settings);
	return [
		...examples.flatMap((example, i) => wholeness(together, i, example)),
		...(isDeepStrictEqual(again, alone) ? [] : ['says something else when it is asked again with the same seed']),
		...(isDeepStrictEqual(attributionAt(among, 2), attributionAt(alone, 0))
			? []
			: ['says something else about a text that goes through the model with others']),
		...(await touched(method, first, answer)),
	];
}

function attributionAt({ explanations }: ExplainedExamples, i: number): Attribution | { readonly missing: string } {
	const found = explanations[i] ?? { missing: 'nothing was said' };
	return 'missing' in found ? found : found.attribution;
}

function wholeness(explained: ExplainedExamples, i: number, example: Example): string[] {
	const found = attributionAt(explained, i);
	const place = `text "${example.id}"`;
	if ('missing' in found) return [`${place}: says nothing (${found.missing})`];
	const { scores, own } = found;
	const count = exampleWords(example).length;
	const isWord = (word: number): boolean => Number.isInteger(word) && word >= 0 && word < count;
	return [
		...(scores === null && own === null ? [`${place}: neither scores nor words`] : []),
		...(scores !== null && scores.length !== count ? [`${place}: ${scores.length} scores for ${count} words`] : []),
		...((scores ?? []).every((score) => score === null || Number.isFinite(score))
			? []
			: [`${place}: a score is no number`]),
		...((own ?? []).every(isWord) ? [] : [`${place}: chooses a word that is not there`]),
		...(new Set(own).size === (own ?? []).length ? [] : [`${place}: chooses a word twice`]),
	];
}

/** Returns whether the method asked about prompts that differ outside the words of the text. */
async function touched(method: Method, example: Example, answer?: string): Promise<string[]> {
	const scored: TokenIds[] = [];
	const model = toyModel(answer);
	const watched: LanguageModel = {
		...model,
		scoreLabels: (prompts, labels, options) => {
			scored.push(...prompts);
			return model.scoreLabels(prompts, labels, options);
		},
	};
	const { asked } = await explainExamples(watched, toyTask, method, [example], settings);
	const [own] = asked;
	if (own === undefined) return ['the text was not asked about'];
	const { ids, tokensOfWord } = own.prompt;
	const inside = new Set(tokensOfWord.flat());
	const isKept = (prompt: TokenIds): boolean =>
		prompt.length === ids.length && ids.every((id, i) => inside.has(i) || prompt[i] === id);
	return scored.every(isKept) ? [] : ['changes the prompt outside the words of the text'];
}

/** Methods that take several passes per example. */
import { InternalError } from '../core/errors.ts';
import type { MultiPassMethod } from '../rationales/method.ts';
import { replacementText } from '../rationales/perturbation/replacement.ts';
import { wordScores } from '../rationales/wordScores.ts';
import type { AskedExample, Asking, Explanation } from './explain.ts';
import { explainedTarget, explanationOf, incapable, targetProblem } from './explanations.ts';

/** Returns what the method says about each example; each is a call of its own, so that a run can be stopped between. */
export async function explainByPasses(
	asking: Asking,
	method: MultiPassMethod,
	examples: readonly AskedExample[],
): Promise<Explanation[]> {
	const { model, format, settings } = asking;
	const noTarget = targetProblem(asking);
	const problem = incapable(model, method) ?? (method.declaration.targetSpecific ? noTarget : null);
	if (problem !== null) return examples.map(() => ({ missing: problem }));
	const everyday = [...new Set((await model.encode(replacementText)).ids)];
	const request = method.request({ neutral: format.neutralToken, everyday });
	if ('missing' in request) return examples.map(() => request);
	const explanations: Explanation[] = [];
	for (const example of examples) {
		const { ids, tokensOfWord } = example.prompt;
		const explained = [...new Set(tokensOfWord.flat())].toSorted((a, b) => a - b);
		if (explained.length === 0) {
			explanations.push({ missing: 'no word of the text has a token' });
			continue;
		}
		asking.step('explain');
		const target = explainedTarget(asking, example, noTarget === null);
		const seed = JSON.stringify([settings.seed, example.example.id]);
		const [found] = await model.attributeByPasses([{ ids, target, explained, seed }], request);
		if (found === undefined) throw new InternalError(`${method.declaration.id}: no scores came back`);
		const words = wordScores(found.scores, tokensOfWord, method.declaration.aggregation);
		const ranking = 'missing' in words ? words : { scores: words.scores, own: null };
		explanations.push(explanationOf(ranking, example, null, found.diagnostics));
	}
	return explanations;
}

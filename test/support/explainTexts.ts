/** Texts explained by one method, without a study around it. */
import type { Example } from '../../src/core/example.ts';
import type { Task } from '../../src/core/task.ts';
import type { LanguageModel } from '../../src/llm/languageModel.ts';
import { type MethodId, methods } from '../../src/rationales/methods.ts';
import { explain } from '../../src/explain/explain.ts';
import { encodeExample, taskFormat } from '../../src/explain/encodeExample.ts';
import { defaultPerturbation, type RationaleSettings } from '../../src/explain/settings.ts';
import type { ClassifiedExample, ExplainContext, Explanation } from '../../src/explain/context.ts';

export const plainSettings: RationaleSettings = {
	...{ seed: 1, methods: [], selections: ['own'], maskings: ['space'], topK: 2, guidedBy: 'top_k', target: null },
	...{ maxAnswerTokens: 64, controlDraws: 0, curve: [], measures: ['flip_rate'], perturbation: defaultPerturbation },
};

/** What was asked, and what the method says about each text. */
export interface Explained {
	readonly asked: readonly ClassifiedExample[];
	readonly explanations: readonly Explanation[];
}

/** Returns what a method says about texts that go through the model together. */
export async function explainTexts(
	model: LanguageModel,
	task: Task,
	method: MethodId,
	examples: readonly Example[],
	changes: Partial<RationaleSettings> = {},
): Promise<Explained> {
	const format = await taskFormat(model, task);
	const labels = format.labels.map(({ tokens }) => tokens);
	const asked: ClassifiedExample[] = [];
	for (const example of examples) {
		const prepared = await encodeExample(model, format, example);
		if ('skipped' in prepared) throw new Error(prepared.skipped);
		const [scores] = await model.scoreLabels([prepared.prompt.ids], labels);
		if (scores === undefined || 'problem' in scores) throw new Error('no label scores');
		const { logProbabilities, mass } = scores;
		const predicted = logProbabilities.indexOf(Math.max(...logProbabilities));
		asked.push({ ...prepared, predicted, logProbabilities, mass });
	}
	const settings = { ...plainSettings, ...changes };
	const context: ExplainContext = { model, format, meanShare: 0.25, settings, step: () => undefined };
	const [explanations = []] = await explain(context, [methods[method]], asked);
	return { asked, explanations };
}

/** Examples explained by one method, without a study around it. */
import type { Example } from '../core/example.ts';
import { itemAt } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import type { ClassifiedExample, ExplainContext, Explanation } from '../explain/context.ts';
import { encodeExample, taskFormat } from '../explain/encodeExample.ts';
import { explain } from '../explain/explain.ts';
import { defaultPerturbation, type RationaleSettings } from '../explain/settings.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import type { Method } from '../rationales/method.ts';

const plainSettings: RationaleSettings = {
	seed: 1,
	methods: [],
	selections: ['own'],
	maskings: ['space'],
	topK: 2,
	guidedBy: 'top_k',
	target: null,
	maxAnswerTokens: 64,
	controlDraws: 0,
	curve: [],
	measures: ['flip_rate'],
	perturbation: defaultPerturbation,
};

/** What was asked, and what the method says about each text. */
export interface ExplainedExamples {
	readonly asked: readonly ClassifiedExample[];
	readonly explanations: readonly Explanation[];
}

/** Returns what a method says about examples that go through the model together. Throws where one cannot be asked about. */
export async function explainExamples(
	model: LanguageModel,
	task: Task,
	method: Method,
	examples: readonly Example[],
	changes: Partial<RationaleSettings> = {},
): Promise<ExplainedExamples> {
	const format = await taskFormat(model, task);
	const labels = format.labels.map(({ tokens }) => tokens);
	const asked: ClassifiedExample[] = [];
	for (const example of examples) {
		const encoded = await encodeExample(model, format, example);
		if ('skipped' in encoded) throw new Error(encoded.skipped);
		const [scores] = await model.scoreLabels([encoded.prompt.ids], labels);
		if (scores === undefined || 'problem' in scores) throw new Error('no label scores');
		const { logProbabilities, mass } = scores;
		const predicted = logProbabilities.indexOf(Math.max(...logProbabilities));
		asked.push({ ...encoded, predicted, logProbabilities, mass });
	}
	const settings = { ...plainSettings, ...changes };
	const context: ExplainContext = { model, format, meanShare: 0.25, settings, step: () => undefined };
	return { asked, explanations: itemAt(await explain(context, [method], asked), 0) };
}

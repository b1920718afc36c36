/** What each method costs per text, beside a prediction of the same texts in the same run. */
import { processorSeconds } from '../../bench/mainJob/machine.ts';
import { datasetNamed } from '../../src/datasets/datasets.ts';
import type { LanguageModel } from '../../src/llm/languageModel.ts';
import { kindOf } from '../../src/explain/methodKinds.ts';
import { noThought, type TextCost } from '../../src/rationales/cost.ts';
import { type MethodId, methodIds, methods } from '../../src/rationales/methods.ts';
import { explain } from '../../src/explain/explain.ts';
import { encodeExample, taskFormat } from '../../src/explain/encodeExample.ts';
import { defaultPerturbation } from '../../src/explain/settings.ts';
import type { ClassifiedExample, ExplainContext } from '../../src/explain/context.ts';

/** Mean passes per text, and its processor time as a multiple of that of a prediction. */
export interface MethodCost extends TextCost {
	readonly relativeTime: number;
}

const TEXTS = 3;
/** A method is repeated until it has taken so many seconds, and so many times at least. */
const SECONDS = 1;
const REPEATS = 3;
/** As in examples/all-methods.yaml. */
const EVALUATIONS = 300;
const MAX_ANSWER_TOKENS = 128;

/** Returns the cost of every method, and closes the model. */
export async function measureCosts(
	tasks: readonly string[],
	model: LanguageModel,
): Promise<ReadonlyMap<MethodId, MethodCost>> {
	const settings: { readonly context: ExplainContext; readonly asked: readonly ClassifiedExample[] }[] = [];
	for (const task of tasks) settings.push(await settingOf(model, task));
	const inAll = async (run: (setting: (typeof settings)[number]) => Promise<unknown>): Promise<void> => {
		for (const setting of settings) await run(setting);
	};
	const predict = (): Promise<void> =>
		inAll(async ({ context, asked }) => {
			const labels = context.format.labels.map(({ tokens }) => tokens);
			await model.scoreLabels(
				asked.map(({ prompt }) => prompt.ids),
				labels,
			);
		});
	const found = new Map<MethodId, MethodCost>();
	for (const id of methodIds) {
		const ask = (): Promise<void> =>
			inAll(async ({ context, asked }) => void (await explain(context, [methods[id]], asked)));
		const asked = settings.flatMap((setting) => setting.asked);
		found.set(id, { ...meanCost(id, asked), relativeTime: await ratio(ask, predict) });
	}
	await model.close();
	return found;
}

async function settingOf(model: LanguageModel, task: string) {
	const dataset = datasetNamed(task, 'methodsTable');
	const format = await taskFormat(model, dataset.task);
	const asked: ClassifiedExample[] = [];
	for (const example of dataset.load('test', { limit: TEXTS, seed: 1 })) {
		const prepared = await encodeExample(model, format, example);
		if ('skipped' in prepared) throw new Error(prepared.skipped);
		const [scores] = await model.scoreLabels(
			[prepared.prompt.ids],
			format.labels.map(({ tokens }) => tokens),
		);
		if (scores === undefined || 'problem' in scores) throw new Error('no label scores');
		const { logProbabilities, mass } = scores;
		asked.push({
			...prepared,
			predicted: logProbabilities.indexOf(Math.max(...logProbabilities)),
			logProbabilities,
			mass,
		});
	}
	const context: ExplainContext = {
		model,
		format,
		meanShare: 0.1,
		step: () => undefined,
		settings: {
			seed: 1,
			methods: [],
			selections: ['own'],
			maskings: ['space'],
			topK: 2,
			guidedBy: 'top_k',
			target: null,
			maxAnswerTokens: MAX_ANSWER_TOKENS,
			controlDraws: 0,
			curve: [],
			measures: [],
			perturbation: { ...defaultPerturbation, evaluations: EVALUATIONS },
		},
	};
	return { context, asked };
}

function meanCost(id: MethodId, asked: readonly ClassifiedExample[]): TextCost {
	const costs = asked.flatMap(({ prompt, eligible }) => {
		const cost = kindOf(methods[id]).cost(methods[id], {
			tokens: prompt.ids.length,
			unitCount: eligible.length,
			evaluations: EVALUATIONS,
			maxAnswerTokens: MAX_ANSWER_TOKENS,
			thought: noThought,
		});
		return 'missing' in cost ? [] : [cost];
	});
	const mean = (of: (cost: TextCost) => number): number =>
		Math.round(costs.reduce((sum, cost) => sum + of(cost), 0) / Math.max(1, costs.length));
	const bound = costs[0]?.bound ?? 'exact';
	return {
		forward: mean(({ forward }) => forward),
		backward: mean(({ backward }) => backward),
		written: mean(({ written }) => written),
		bound,
	};
}

/**
 * Returns the processor time of `run` over that of `unit`, each the sum of several runs in turn, after one of each in which
 * graphs are compiled. Where the system does not tell processor time, it is time by the clock.
 */
async function ratio(run: () => Promise<void>, unit: () => Promise<void>): Promise<number> {
	await run();
	await unit();
	let [own, other] = [0, 0];
	for (let repeat = 0; repeat < REPEATS || own < SECONDS; repeat++) {
		own += await secondsOf(run);
		other += await secondsOf(unit);
	}
	return own / other;
}

async function secondsOf(run: () => Promise<void>): Promise<number> {
	const start = secondsSoFar();
	await run();
	return secondsSoFar() - start;
}

function secondsSoFar(): number {
	return processorSeconds() ?? performance.now() / 1000;
}

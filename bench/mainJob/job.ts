/** The job itself, through the library's model interface. */
import type { LanguageModel } from '../../src/api/index.ts';
import { itemAt } from '../../src/core/present.ts';
import { masked, startOf, type TokenisedExample } from './jobExample.ts';
import type { Stopwatch } from './stopwatch.ts';

type Scores = Readonly<Record<string, readonly number[]>>;

export interface JobResult {
	/** The predicted label. */
	readonly predicted: string;
	/** Score of each word, by method. */
	readonly scores: Scores;
	/** Whether the prediction changes, by method, for each share of words. */
	readonly flips: Readonly<Record<string, readonly boolean[]>>;
	/** Every prompt whose labels were scored. */
	readonly asked: readonly (readonly number[])[];
}

export const shares = [0.05, 0.1, 0.2, 0.35, 0.5];
export const integrationNodes = 16;

/** Returns what the job gives for each example. */
export async function runJob(
	model: LanguageModel,
	examples: readonly TokenisedExample[],
	watch: Stopwatch,
): Promise<JobResult[]> {
	const results: JobResult[] = [];
	const chunk = 8;
	for (let start = 0; start < examples.length; start += chunk)
		results.push(...(await runChunk(model, examples.slice(start, start + chunk), watch)));
	return results;
}

async function runChunk(
	model: LanguageModel,
	examples: readonly TokenisedExample[],
	watch: Stopwatch,
): Promise<JobResult[]> {
	const whole = examples.map(({ ids }) => [ids]);
	const leftOut = examples.map((example) => example.words.map((_, word) => masked(example, [word])));
	const logits = await watch.time('prediction and occlusion', async () => {
		if (model.reducedPrecision === undefined) return scoreAll(model, examples, joined(whole, leftOut));
		const [full, reduced] = [
			await scoreAll(model, examples, whole),
			await scoreAll(model, examples, leftOut, 'reduced'),
		];
		return joined(full, reduced);
	});
	const answers = logits.map(([full = []]) => bestTwo(full));
	const targets = examples.map(({ labelTokens }, i) => ({
		tokens: itemAt(answers, i).map((label) => itemAt(labelTokens, label)),
		weights: [1, -1],
	}));
	const outputs = ['attention', 'gradient.l2', 'gradientXInput.dot'] as const;
	const passes = await watch.time('attention and gradients', () =>
		model.attribute(
			examples.map(({ ids }) => ids),
			targets,
			outputs,
			{ explainedFrom: examples.map(startOf) },
		),
	);
	const integrated = await watch.time('integrated gradients', () =>
		model.attributeByPasses(
			examples.map(({ ids, words }, i) => ({
				ids,
				target: targets[i] ?? { tokens: [], weights: [] },
				explained: words.flat(),
				seed: 0,
			})),
			{
				kind: 'integratedGradients',
				neutralToken: itemAt(examples, 0).space,
				nodes: integrationNodes,
				nodeLimit: integrationNodes,
				tolerance: Infinity,
			},
		),
	);
	const scores = examples.map((example, i): Scores => {
		const [label, foil] = answers[i] as [number, number];
		const margin = (of: readonly number[] | undefined): number => (of?.[label] ?? NaN) - (of?.[foil] ?? NaN);
		const pass = passes[i] ?? {};
		return {
			attention: perWord(example, pass.attention, (values) => Math.max(...values)),
			saliency: perWord(example, pass['gradient.l2'], (values) => Math.max(...values)),
			input_x_gradient: perWord(example, pass['gradientXInput.dot'], sum),
			integrated_gradients: perWord(example, integrated[i]?.scores, sum),
			occlusion: example.words.map((_, word) => margin(logits[i]?.[0]) - margin(logits[i]?.[word + 1])),
		};
	});
	const cuts = examples.map((example, i) => cutsOf(example, scores[i] as Scores));
	const again = await watch.time('masked predictions', () =>
		scoreAll(
			model,
			examples,
			cuts.map((own) => own.map(({ ids }) => ids)),
			'reduced',
		),
	);
	return examples.map((example, i) => {
		const label = answers[i]?.[0] as number;
		const flips: Record<string, boolean[]> = {};
		for (const [j, { method }] of itemAt(cuts, i).entries())
			(flips[method] ??= []).push(bestTwo(itemAt(itemAt(again, i), j))[0] !== label);
		const asked = [example.ids, ...itemAt(leftOut, i), ...itemAt(cuts, i).map(({ ids }) => ids)];
		return { predicted: itemAt(example.labels, label), scores: scores[i] as Scores, flips, asked };
	});
}

/** Returns the score of each label [C] for each example's prompts. */
async function scoreAll(
	model: LanguageModel,
	examples: readonly TokenisedExample[],
	prompts: readonly (readonly (readonly number[])[])[],
	precision: 'full' | 'reduced' = 'full',
): Promise<number[][][]> {
	const tokens = [...new Set(examples.flatMap(({ labelTokens }) => labelTokens))];
	const scores = await model.scoreLabels(
		prompts.flat(),
		tokens.map((token) => [token]),
		{ precision },
	);
	let next = 0;
	return prompts.map((own, i) =>
		own.map(() => {
			const found = itemAt(scores, next++).logProbabilities;
			return itemAt(examples, i).labelTokens.map((token) => itemAt(found, tokens.indexOf(token)));
		}),
	);
}

/** Returns the lists of each example, one after the other. */
function joined<Item>(first: readonly (readonly Item[])[], second: readonly (readonly Item[])[]): Item[][] {
	return first.map((own, i) => [...own, ...itemAt(second, i)]);
}

/** Returns the prompts without the best words, for each method and share. */
function cutsOf(example: TokenisedExample, scores: Scores): { method: string; ids: readonly number[] }[] {
	return Object.entries(scores).flatMap(([method, values]) => {
		const order = [...values.keys()].toSorted((a, b) => itemAt(values, b) - itemAt(values, a) || a - b);
		return shares.map((share) => {
			const count = Math.max(1, Math.round(share * order.length));
			return { method, ids: masked(example, order.slice(0, count)) };
		});
	});
}

/** Returns the label with the highest score and the one after it; the first one where several are equal. */
function bestTwo(values: readonly number[]): [number, number] {
	const [best = 0, second = 0] = [...values.keys()].toSorted((a, b) => itemAt(values, b) - itemAt(values, a) || a - b);
	return [best, second];
}

function perWord(
	{ words }: TokenisedExample,
	values: Float32Array | undefined,
	combine: (values: readonly number[]) => number,
): number[] {
	return words.map((positions) => combine(positions.map((position) => values?.[position] ?? NaN)));
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

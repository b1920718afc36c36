/**
 * What 8 and 4 bits change, method by method, on biographies of the planted benchmark:
 * `npx tsx bench/quantisationError.ts [MODEL] [N]`, by default tiny-instruct and 20 texts. Prints a JSON line per form of
 * weights: the mean over texts of |scores - scores with float32| / |scores with float32|, and how often the five tokens with the
 * largest scores are the same ones.
 */
import { present } from '../src/core/present.ts';
import { DATASETS } from '../src/datasets/datasets.ts';
import { defaultSettings, type WeightForm } from '../src/llm/engineSettings.ts';
import type { LanguageModel, PassOutput, TokenIds } from '../src/llm/languageModel.ts';
import { openLocalModel } from '../src/llm/localModel.ts';
import { modelPlace } from '../src/llm/openModel.ts';
import { encodeExample, taskFormat } from '../src/explain/encodeExample.ts';

const [name = 'tiny-instruct', count = '20'] = process.argv.slice(2);
const outputs: readonly PassOutput[] = [
	...(['attention', 'attentionRollout', 'gradientAttention', 'gradient.l1', 'gradient.l2'] as const),
	...(['gradientXInput.dot', 'gradientXInput.l2', 'cpLrp', 'attnLrp'] as const),
];

interface Answers {
	readonly probabilities: readonly (readonly number[])[];
	/** By output, then by text. */
	readonly scores: Readonly<Record<string, readonly Float32Array[]>>;
}

const reference = await answersWith('float32');
for (const form of ['file', 'int8', 'int4'] as const) report(form, await answersWith(form));

async function answersWith(weights: WeightForm): Promise<Answers> {
	const model = await openLocalModel(name, modelPlace(name), { ...defaultSettings, weights });
	try {
		return await ask(model);
	} finally {
		await model.close();
	}
}

async function ask(model: LanguageModel): Promise<Answers> {
	const dataset = DATASETS['planted-bios'];
	const format = await taskFormat(model, dataset.task);
	const prompts: TokenIds[] = [];
	for (const example of dataset.load('test', { limit: Number(count), seed: 1 })) {
		const prepared = await encodeExample(model, format, example);
		if ('prompt' in prepared) prompts.push(prepared.prompt.ids);
	}
	const labels = format.labels.map(({ tokens }) => tokens);
	const found = await model.scoreLabels(prompts, labels);
	const tokens = labels.slice(0, 2).map((label) => label[0] as number);
	const passes = await model.attribute(
		prompts,
		prompts.map(() => ({ tokens, weights: [1, -1] })),
		outputs,
	);
	return {
		probabilities: found.map(({ logProbabilities }) => logProbabilities.map(Math.exp)),
		scores: Object.fromEntries(outputs.map((output) => [output, passes.map((pass) => pass[output] as Float32Array)])),
	};
}

function report(weights: WeightForm, { probabilities, scores }: Answers): void {
	const largest = Math.max(
		...probabilities.flatMap((row, i) => row.map((p, c) => Math.abs(p - (reference.probabilities[i]?.[c] as number)))),
	);
	const errors = outputs.map((output) => {
		const pairs = present(scores[output], output).map(
			(row, i) => [row, reference.scores[output]?.[i] as Float32Array] as const,
		);
		return [
			output,
			{
				error: mean(pairs.map(([row, exact]) => distance(row, exact))),
				same_top_5: mean(pairs.map(([row, exact]) => shared(row, exact))),
			},
		];
	});
	console.log(
		JSON.stringify({
			model: name,
			weights,
			largest_probability_error: rounded(largest),
			...Object.fromEntries(errors),
		}),
	);
}

function distance(row: Float32Array, exact: Float32Array): number {
	return Math.hypot(...row.map((value, i) => value - (exact[i] as number))) / Math.hypot(...exact);
}

function shared(row: Float32Array, exact: Float32Array): number {
	const top = (values: Float32Array): number[] =>
		[...values.keys()].toSorted((a, b) => (values[b] as number) - (values[a] as number)).slice(0, 5);
	const wanted = new Set(top(exact));
	return top(row).filter((i) => wanted.has(i)).length / 5;
}

function mean(values: readonly number[]): number {
	return rounded(values.reduce((a, b) => a + b, 0) / values.length);
}

function rounded(value: number): number {
	return Number(value.toPrecision(2));
}

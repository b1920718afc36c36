/** Compares what this program makes of a published model with stored numbers of other programs. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { labelSpellings } from '../../src/explain/labelSpellings.ts';
import { answersFor, targetOf } from '../../src/rationales/targets.ts';
import { itemAt } from '../../src/core/present.ts';
import { input } from '../../src/engine/graph/build.ts';
import type { Node } from '../../src/engine/graph/node.ts';
import { createSession } from '../../src/engine/onnx/session.ts';
import { defaultSettings, type EngineSettings, weightsFolder } from '../../src/llm/engineSettings.ts';
import { openLocalModel } from '../../src/llm/localModel.ts';
import { blockDecoder, decodedDecoder } from '../../src/llm/models/blockDecoder.ts';
import { type LoadedDecoder, loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import type { LanguageModel, PassOutput } from '../../src/llm/languageModel.ts';

const numbers = z.array(z.number());
const encodedText = z.object({ text: z.string(), ids: z.array(z.int()) });
const referenceSchema = z.object({
	/** Where llama.cpp departs from the tokenizer that the model was trained with, its ids and why stand beside those of transformers. */
	texts: z.array(encodedText.extend({ llamaCpp: z.array(z.int()).optional(), why: z.string().optional() })),
	prompt: encodedText,
	labels: z.array(encodedText.extend({ logProbability: z.number() })),
	logits: z.object({ tokens: z.array(z.int()), largest: z.number(), values: numbers }),
	target: z.int(),
	foil: z.int(),
	attention: z.object({ last: numbers, all: numbers }),
	gradient: z.object({ l1: numbers, l2: numbers, inputXGradient: numbers }),
	/** By `scripts/gguf/spellingsReference.py`; not of all models. */
	spelled: z
		.object({
			labels: z.array(
				z.object({
					label: z.string(),
					spellings: z.array(z.string()),
					ids: z.array(z.array(z.int())),
					logProbability: z.number(),
				}),
			),
			gradient: z.object({ l1: numbers, l2: numbers, inputXGradient: numbers }),
		})
		.optional(),
});
type Reference = z.infer<typeof referenceSchema>;

/** One kind of numbers: the largest difference, divided by the largest number where that is above 1, and its limit. */
export interface Compared {
	readonly what: string;
	readonly difference: number;
	readonly limit: number;
}

const limits = { logits: 2e-5, labels: 1e-4, attention: 1e-4, gradients: 1e-3 };

/** Returns the texts of a reference whose tokens are not llama.cpp's, each with the reason. */
export function textsOtherwise(reference: string): string[] {
	const { texts } = referenceSchema.parse(JSON.parse(readFileSync(reference, 'utf8')));
	return texts.flatMap(({ text, why }) => (why === undefined ? [] : [`${JSON.stringify(text)}: ${why}`]));
}

/** Returns what was compared; texts whose ids differ throw an error that names the first one. */
export async function compareModel(file: string, reference: string, cacheFolder: string): Promise<Compared[]> {
	const expected = referenceSchema.parse(JSON.parse(readFileSync(reference, 'utf8')));
	const settings: EngineSettings = { ...defaultSettings, cacheFolder };
	const model = await openLocalModel(file, { folder: file, adapter: null }, settings);
	try {
		await requireSameTokens(model, expected);
		const labels = await compareLabels(model, expected);
		const [loaded, folder] = [loadDecoder(file), weightsFolder(settings)];
		return [
			await compareLogits('logits, weights in blocks', blockDecoder(loaded, folder), expected),
			await compareLogits('logits, weights decoded', decodedDecoder(loaded, folder), expected),
			labels,
			...(await compareAttributions(model, expected)),
			...(await compareSpellings(model, expected)),
		];
	} finally {
		await model.close();
	}
}

async function requireSameTokens(model: LanguageModel, { texts, prompt }: Reference): Promise<void> {
	for (const { text, ids } of [...texts, prompt]) {
		const { ids: found } = await model.encode(text);
		if (found.join() === ids.join()) continue;
		throw new Error(`${JSON.stringify(text)}: tokens ${found.join()}, the reference has ${ids.join()}`);
	}
}

async function compareLogits(
	what: string,
	{ decoder, checkpoint, place, quantised }: LoadedDecoder,
	{ prompt, logits: wanted }: Reference,
): Promise<Compared> {
	const positions = input('positions', ['B', 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const { hiddenStates } = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	const graph = { logits: decoder.logits(hiddenStates.at(-1) as Node) };
	const options = { weightsFolder: checkpoint.rootFolder, place, prepack: false, quantised };
	const session = await createSession(graph, options);
	const grid = (values: readonly number[]) => ({ data: BigInt64Array.from(values, BigInt), sizes: [1, values.length] });
	const { logits } = await session.run({ ids: grid(prompt.ids), positions: grid(prompt.ids.map((_, i) => i)) });
	await session.release();
	const { data } = logits;
	if (!(data instanceof Float32Array)) throw new Error('logits are no floats');
	const all = data;
	const chosen = prompt.ids.flatMap((_, t) =>
		wanted.tokens.map((token) => all[t * decoder.sizes.vocabulary + token] as number),
	);
	return compared(what, chosen, wanted.values, limits.logits, wanted.largest);
}

async function compareLabels(model: LanguageModel, { prompt, labels }: Reference): Promise<Compared> {
	const scores = await model.scoreLabels(
		[prompt.ids],
		labels.map(({ ids }) => ids),
	);
	// Labels that differ in their first tokens are scored by these alone.
	const found = itemAt(scores, 0).logProbabilities.slice(0, 2);
	const wanted = [0, 1].map((number) => itemAt(labels, number).logProbability);
	return compared('label scores', found, wanted, limits.labels);
}

async function compareAttributions(model: LanguageModel, expected: Reference): Promise<Compared[]> {
	const { prompt, target, foil, attention, gradient } = expected;
	const targets = [{ tokens: [target, foil], weights: [1, -1] }];
	const pass = async (outputs: readonly PassOutput[], layers: 'last' | 'all') =>
		(await model.attribute([prompt.ids], targets, outputs, { attention: { layers, heads: 'all' } }))[0] ?? {};
	const [last, all] = [
		await pass(['attention', 'gradient.l1', 'gradient.l2', 'gradientXInput.dot'], 'last'),
		await pass(['attention'], 'all'),
	];
	return [
		compared('attention, last layer', last.attention, attention.last, limits.attention),
		compared('attention, all layers', all.attention, attention.all, limits.attention),
		compared('saliency.l1', last['gradient.l1'], gradient.l1, limits.gradients),
		compared('saliency.l2', last['gradient.l2'], gradient.l2, limits.gradients),
		compared('input_x_gradient.dot', last['gradientXInput.dot'], gradient.inputXGradient, limits.gradients),
	];
}

/** The labels' spellings are found by this program, and their tokens must be those of the tokenizer of transformers. */
async function compareSpellings(model: LanguageModel, { prompt, spelled }: Reference): Promise<Compared[]> {
	if (spelled === undefined) return [];
	const names = spelled.labels.map(({ label }) => label);
	const verbalizers = Object.fromEntries(names.map((name) => [name, name]));
	const task = { id: 'spelled', instruction: '', segmentTitles: {}, labels: names, verbalizers };
	const labels = await labelSpellings(model, task, prompt.text);
	const told = (lists: readonly (readonly (readonly number[])[])[]): string =>
		lists
			.map((list) =>
				list
					.map((ids) => ids.join())
					.toSorted()
					.join(' '),
			)
			.join('; ');
	const [ours, theirs] = [
		told(labels.map(({ spellings = [] }) => spellings.map(({ tokens }) => tokens))),
		told(spelled.labels.map(({ ids }) => ids)),
	];
	if (ours !== theirs) throw new Error(`spellings have the tokens ${ours}, by transformers ${theirs}`);
	const { answers, labelOf } = answersFor(labels);
	const [scores] = await model.scoreLabels([prompt.ids], answers, { labelOf });
	if (scores === undefined) throw new Error('no label scores');
	const wanted = spelled.labels.map(({ logProbability }) => logProbability);
	const target = targetOf('diff', labels, scores, 0, 1);
	const [pass = {}] = await model.attribute(
		[prompt.ids],
		[target],
		['gradient.l1', 'gradient.l2', 'gradientXInput.dot'],
	);
	const { l1, l2, inputXGradient } = spelled.gradient;
	return [
		compared('label scores over spellings', scores.logProbabilities, wanted, limits.labels),
		compared('saliency.l1 of spellings', pass['gradient.l1'], l1, limits.gradients),
		compared('saliency.l2 of spellings', pass['gradient.l2'], l2, limits.gradients),
		compared('input_x_gradient.dot of spellings', pass['gradientXInput.dot'], inputXGradient, limits.gradients),
	];
}

function compared(
	what: string,
	found: ArrayLike<number> | undefined,
	wanted: readonly number[],
	limit: number,
	largest = Math.max(...wanted.map(Math.abs)),
): Compared {
	if (found?.length !== wanted.length) throw new Error(`${what}: ${found?.length} numbers, not ${wanted.length}`);
	const differences = wanted.map((value, i) => Math.abs((found[i] as number) - value));
	const worst = differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
	return { what, difference: worst / Math.max(1, largest), limit };
}

/**
 * Fine-tuning against PyTorch and PEFT: AdamW steps (learning rate 0.01, weight decay 0.01, no clipping) on the
 * prompts of a folder, of all weights and of a LoRA adapter. The base model is the folder beside it that adapter_config.json names.
 */
import { join, resolve } from 'node:path';
import type { LowRankChange } from '../../src/llm/adapters/adapter.ts';
import { readAdapterConfig } from '../../src/llm/adapters/adapterConfig.ts';
import { createEngine } from '../../src/llm/process/engine.ts';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { readAsFloat32 } from '../../src/llm/weights/safetensors.ts';
import { adamWDefaults } from '../../src/training/adamW.ts';
import type { WeightedTokens } from '../../src/training/lossGraph.ts';
import {
	factorName,
	type ParameterValues,
	storedParameters,
	type TrainableDecoder,
	trainAllWeights,
	trainLowRank,
} from '../../src/training/trainable.ts';
import { createTrainer, type Differentiated } from '../../src/training/trainer.ts';
import { compare, type Difference, type Expected, readExpected } from './difference.ts';

const learningRate = 0.01;
const tolerance = 1e-4;
const gradientTolerance = 1e-3;

/** Returns the difference of every loss, gradient, parameter and logit that the folder's files hold. */
export async function compareTraining(folder: string): Promise<Difference[]> {
	const expected = readExpected(join(folder, 'expected.safetensors'));
	const { base_model_name_or_path: name } = readAdapterConfig(join(folder, 'adapter'));
	const base = join(resolve(folder), '..', name ?? '');
	const found = [
		...(expected.has('full.loss') ? await compareFull(base, expected) : []),
		...(expected.has('lora.loss') ? await compareLowRank(folder, base, expected) : []),
	];
	if (found.length === 0) throw new Error(`${folder}: expected.safetensors has neither full.loss nor lora.loss`);
	return found;
}

async function compareFull(base: string, expected: Expected): Promise<Difference[]> {
	const loaded = loadDecoder(base);
	const parameters = storedParameters(loaded);
	const trainable = trainAllWeights(loaded.family, loaded.config, parameters);
	const { losses, first } = await steps(trainable, expected, 'full.loss');
	const names = [...parameters.keys()];
	const ownName = (name: string): string => (parameters.has(name) ? name : (tiedName(name, names) ?? name));
	return [
		compare('full.loss', losses, expected.floats('full.loss'), tolerance),
		...compareAll('full.grad.', (name) => first.gradients.get(ownName(name)), expected, gradientTolerance),
		...compareAll('full.after.', (name) => parameters.get(ownName(name))?.data, expected, tolerance),
	];
}

/** A head without weights of its own has those of the embeddings, which a list of all weights may name twice. */
function tiedName(name: string, names: readonly string[]): string | undefined {
	return name === 'lm_head.weight' ? names.find((own) => /(embed_tokens|wte)\.weight$/u.test(own)) : undefined;
}

/** Compares every expected tensor whose key begins so; one that we lack is infinitely far. */
function compareAll(
	start: string,
	ours: (name: string) => Float32Array | undefined,
	expected: Expected,
	allowed: number,
): Difference[] {
	const keys = expected.names.filter((key) => key.startsWith(start));
	return keys.map((key) => compare(key, ours(key.slice(start.length)) ?? [], expected.floats(key), allowed));
}

async function compareLowRank(folder: string, base: string, expected: Expected): Promise<Difference[]> {
	const loaded = loadDecoder(base);
	const config = readAdapterConfig(join(folder, 'adapter'));
	const parameters = factorsOf(base, join(folder, 'adapter'));
	const { losses, first } = await steps(trainLowRank(loaded, config, parameters), expected, 'lora.loss');
	const trained = factorsOf(base, join(folder, 'adapter_trained'));
	return [
		compare('lora.loss', losses, expected.floats('lora.loss'), tolerance),
		...compareAll('lora.grad.', (name) => first.gradients.get(name), expected, gradientTolerance),
		...[...trained].map(([name, { data }]) =>
			compare(`lora.after.${name}`, parameters.get(name)?.data ?? [], data, tolerance),
		),
		...(await compareLogits(folder, base, expected)),
	];
}

/** Returns the losses of as many steps as were expected, and the gradients of the first. */
async function steps(
	trainable: TrainableDecoder,
	expected: Expected,
	losses: string,
): Promise<{ losses: number[]; first: Differentiated }> {
	const trainer = createTrainer(trainable, { adamW: adamWDefaults, clip: Infinity });
	const batch = readBatch(expected);
	const found: Differentiated[] = [];
	for (let step = 0; step < expected.floats(losses).length; step++) {
		const differentiated = await trainer.differentiate([batch]);
		found.push(differentiated);
		trainer.update(differentiated, learningRate);
	}
	await trainer.release();
	return { losses: found.map(({ loss }) => loss), first: found[0] as Differentiated };
}

/** The adapter in the engine, as a study uses it: log-probabilities against those of the expected logits. */
async function compareLogits(folder: string, base: string, expected: Expected): Promise<Difference[]> {
	if (!expected.has('lora.logits')) return [];
	const prompts = readBatch(expected).map(({ ids }) => ids.slice(0, -1));
	const logits = expected.floats('lora.logits');
	const width = logits.length / prompts.length;
	const labels = Array.from({ length: width }, (_, token) => [token]);
	const adapter = join(folder, 'adapter');
	const engine = createEngine({ folder: base, adapter, endTokens: [], maxTokens: 256, prepack: false });
	const found = await engine.scoreLabels(prompts, labels);
	const wanted = prompts.flatMap((_, row) => logSoftmax([...logits.slice(row * width, (row + 1) * width)]));
	return [
		compare(
			'lora.logits',
			found.flatMap(({ logProbabilities }) => [...logProbabilities]),
			wanted,
			tolerance,
		),
	];
}

function logSoftmax(logits: readonly number[]): number[] {
	const largest = Math.max(...logits);
	const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
	return logits.map((logit) => logit - largest - Math.log(sum));
}

/** Returns the factors of an adapter under PEFT's names. */
function factorsOf(base: string, folder: string): ParameterValues {
	const changes = loadDecoder(base, folder).adapter?.changes ?? new Map<string, LowRankChange>();
	const named = [...changes].flatMap(([projection, { a, b }]) => [
		[factorName(projection, 'A'), a] as const,
		[factorName(projection, 'B'), b] as const,
	]);
	return new Map(named.map(([name, entry]) => [name, { shape: entry.shape, data: readAsFloat32(entry) }]));
}

/** The target label follows the last token of each prompt; masked (padded) positions are left out. */
function readBatch(expected: Expected): WeightedTokens[] {
	const [ids, mask, targets] = ['input_ids', 'attention_mask', 'target'].map((name) => expected.integers(name)) as [
		number[],
		number[],
		number[],
	];
	const width = ids.length / targets.length;
	return targets.map((target, row) => {
		const tokens = ids.slice(row * width, (row + 1) * width).filter((_, i) => mask[row * width + i] === 1);
		return { ids: [...tokens, target], weights: [...tokens.map(() => 0), 1] };
	});
}

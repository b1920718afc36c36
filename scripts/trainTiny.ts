/**
 * Makes the bundled models: a tokenizer from the planted texts, `tiny-base` which reads them, and `tiny-instruct` which
 * goes on to learn the conversations that our prompts lead. Deterministic by seed on one machine.
 *
 *     npm run train:tiny [-- --out models] [--seed 1] [--scale 1]
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { llama } from '../src/llm/models/llama/llama.ts';
import { loadTokenizer } from '../src/llm/tokenizers/tokenizer.ts';
import { adamWDefaults } from '../src/training/adamW.ts';
import type { WeightedTokens } from '../src/training/lossGraph.ts';
import { initialParameters, type ParameterValues, trainAllWeights } from '../src/training/trainable.ts';
import { createTrainer } from '../src/training/trainer.ts';
import {
	type CorpusOptions,
	conversationSequences,
	conversationTexts,
	exerciseSequences,
	readingSequences,
	readingTexts,
} from './trainTiny/corpus.ts';
import { train } from './trainTiny/loop.ts';
import { readParameters, saveModel, saveWeights, tinyConfig, writeTokenizer } from './trainTiny/snapshot.ts';
import { specialTokens, trainByteLevelBpe } from './trainTokenizer.ts';

const { values } = parseArgs({
	options: {
		out: { type: 'string', default: 'models' },
		seed: { type: 'string', default: '1' },
		scale: { type: 'string', default: '1' },
	},
});
const seed = Number(values.seed);
/** Below 1 for a trial run: the share of the examples that are used. */
const scale = Number(values.scale);
const corpus = (bios: number, nli: number, claims: number, round: number): CorpusOptions => ({
	counts: { bios: Math.round(bios * scale), nli: Math.round(nli * scale), claims: Math.round(claims * scale) },
	seed: seed + round,
});

const folder = (name: string): string => {
	const path = join(values.out, name);
	mkdirSync(path, { recursive: true });
	return path;
};

const sample = { counts: { bios: 6_000, nli: 6_000, claims: 6_000 }, seed };
const tokenizerValue = trainByteLevelBpe([...readingTexts(sample), ...conversationTexts(sample)], {
	vocabularySize: 2048,
	specialTokens,
});
for (const name of ['tiny-base', 'tiny-instruct']) writeTokenizer(folder(name), tokenizerValue);
const tokenizer = await loadTokenizer(folder('tiny-instruct'));
const config = { file: 'tiny', values: tinyConfig(tokenizer.vocabularySize) };

/** A part of the training. */
interface Stage {
	readonly name: string;
	readonly model: 'tiny-base' | 'tiny-instruct';
	readonly kind: 'constant' | 'cosine';
	/** Highest learning rate. */
	readonly peak: number;
	readonly sequences: () => Promise<WeightedTokens[]>;
}

const stages: readonly Stage[] = [
	{
		name: 'reading',
		model: 'tiny-base',
		kind: 'cosine',
		peak: 2e-3,
		sequences: () => readingSequences(tokenizer, corpus(8_000, 8_000, 8_000, 0)),
	},
	{
		name: 'exercises',
		model: 'tiny-instruct',
		kind: 'constant',
		peak: 7e-4,
		sequences: () => exerciseSequences(tokenizer, corpus(8_000, 70_000, 70_000, 0)),
	},
	{
		name: 'conversations',
		model: 'tiny-instruct',
		kind: 'cosine',
		peak: 7e-4,
		sequences: () => conversationSequences(tokenizer, corpus(24_000, 32_000, 32_000, 1)),
	},
];

/** Each stage starts from the file the one before it wrote, so that a stopped run goes on at its first unfinished stage. */
let parameters = initialParameters(llama, config, seed);
for (const [number, stage] of stages.entries()) {
	const file = join(folder('stages'), `${number}.safetensors`);
	if (!existsSync(file)) await learn(stage, parameters, file);
	parameters = readParameters(file);
	saveModel(folder(stage.model), config.values, parameters);
}
rmSync(folder('stages'), { recursive: true });

async function learn({ name, kind, peak, sequences }: Stage, from: ParameterValues, file: string): Promise<void> {
	const adamW = { ...adamWDefaults, beta2: 0.98, weightDecay: 0.05 };
	const trainer = createTrainer(trainAllWeights(llama, config, from), { adamW, clip: 1 });
	const save = (): void => saveWeights(`${file}.part`, from);
	await train(trainer, await sequences(), { title: name, seed, sequencesPerBatch: 32, kind, peak, warmUp: 100, save });
	await trainer.release();
	saveWeights(file, from);
}

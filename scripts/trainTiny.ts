/**
 * Makes the bundled models: a tokenizer from the planted texts, `tiny-base` which reads them, and `tiny-instruct` which
 * goes on to learn the conversations that our prompts lead. Deterministic by seed on one machine.
 *
 *     npm run train:tiny [-- --out models] [--seed 1]
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { llama } from '../src/llm/models/llama.ts';
import { loadTokenizer } from '../src/llm/tokenizers/tokenizer.ts';
import { adamWDefaults } from '../src/training/adamW.ts';
import type { TrainingSequence } from '../src/training/lossGraph.ts';
import { createTrainer, initialParameters } from '../src/training/trainer.ts';
import { conversationSequences, conversationTexts, readingSequences, readingTexts } from './trainTiny/corpus.ts';
import { train } from './trainTiny/loop.ts';
import { saveModel, tinyConfig, writeTokenizer } from './trainTiny/snapshot.ts';
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
const share = Number(values.scale);
const examplesPerTask = {
	tokenizer: 6_000,
	reading: Math.round(8_000 * share),
	conversations: Math.round(50_000 * share),
};

const folder = (name: string): string => {
	const path = join(values.out, name);
	mkdirSync(path, { recursive: true });
	return path;
};

const sample = { count: examplesPerTask.tokenizer, seed };
const tokenizerTexts = [...readingTexts(sample), ...conversationTexts(sample)];
const tokenizerValue = trainByteLevelBpe(tokenizerTexts, { vocabularySize: 2048, specialTokens });
for (const name of ['tiny-base', 'tiny-instruct']) writeTokenizer(folder(name), tokenizerValue);
const tokenizer = await loadTokenizer(folder('tiny-instruct'));

const config = { file: 'tiny', values: tinyConfig(tokenizer.vocabularySize) };
const parameters = initialParameters(llama, config, seed);
const adamW = { ...adamWDefaults, beta2: 0.98, weightDecay: 0.05 };

const learn = async (name: string, sequences: readonly TrainingSequence[], peak: number): Promise<void> => {
	const save = (): void => saveModel(folder(name), config.values, parameters);
	const trainer = await createTrainer({ family: llama, config, parameters, adamW, clip: 1 });
	await train(trainer, sequences, { title: name, seed, tokensPerBatch: 2048, peak, warmUp: 100, save });
	await trainer.release();
	save();
};

await learn('tiny-base', await readingSequences(tokenizer, { count: examplesPerTask.reading, seed }), 3e-3);
const conversations = await conversationSequences(tokenizer, { count: examplesPerTask.conversations, seed });
await learn('tiny-instruct', conversations, 2e-3);

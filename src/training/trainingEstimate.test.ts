import { expect, it } from 'vitest';
import { loadDecoder } from '../llm/models/loadDecoder.ts';
import type { TrainingSequence } from './trainingSequences.ts';
import { freshState, type LoopOptions } from './loop.ts';
import { estimateTraining } from './trainingEstimate.ts';
import { storedParameters, trainAllWeights } from './trainable.ts';

const base = loadDecoder('fixtures/llama3');
const trainable = trainAllWeights(base.family, base.config, storedParameters(base));

/** Returns a sequence of so many tokens, of which the last counts. */
function sequence(length: number): TrainingSequence {
	const ids = Array.from({ length }, (_, i) => i + 3);
	return { id: `of ${length}`, ids, weights: ids.map((_, i) => (i === length - 1 ? 1 : 0)) };
}

it('counts time by the tokens of all batches, padding included and what is computed once left out', async () => {
	// Two milliseconds per token that runs for every example.
	let clock = 0;
	const trainer = {
		differentiate: async (parts: readonly (readonly { readonly ids: readonly number[] }[])[]) => {
			for (const part of parts) clock += 2 * part.length * (Math.max(...part.map(({ ids }) => ids.length)) - 4);
			return { loss: 1, gradients: new Map<string, Float32Array>(), norm: 0 };
		},
	};
	const sequences = [14, 14, 14, 14, 14, 14, 104, 54].map(sequence);
	const options: LoopOptions = {
		epochs: 3,
		batch: { size: 1, bucket: 1, seed: 1 },
		part: 1,
		schedule: { kind: 'constant', peak: 1, warmUp: 0, floor: 0 },
		...{ patience: null, checkpointEvery: Infinity },
	};
	const data = { sequences, validation: [], truncated: [] };
	const from = { ...freshState, step: 8, epoch: 1 };
	const prefix = [3, 4, 5, 6];
	const plan = await estimateTraining({ base, trainable, trainer, data, prefix, options, from, now: () => clock });
	expect([plan.steps, plan.stepsDone]).toEqual([24, 8]);
	// Two epochs are left, each of 6 x 10 + 100 + 50 tokens.
	expect(plan.milliseconds).toBeCloseTo(2 * 2 * 210, 6);
});

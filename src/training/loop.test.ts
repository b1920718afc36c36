import { describe, expect, it } from 'vitest';
import { newAdapterConfig, targetedModules } from '../llm/adapters/adapterConfig.ts';
import { loadDecoder, projectionSizes } from '../llm/models/loadDecoder.ts';
import { adamWDefaults } from './adamW.ts';
import { epochBatches } from './epochBatches.ts';
import type { ValidationItem } from './trainingSequences.ts';
import { commonPrefix } from './lossGraph.ts';
import {
	type EpochResult,
	examine,
	freshState,
	type LoopEvents,
	type LoopOptions,
	type LoopState,
	runLoop,
} from './loop.ts';
import { initialLowRank, storedParameters, trainAllWeights, trainLowRank } from './trainable.ts';
import { createTrainer, type Trainer } from './trainer.ts';

describe('epochBatches', () => {
	const lengths = Array.from({ length: 37 }, (_, i) => (i * 17) % 23);

	it.each([1, 3])('holds every sequence once, in an order that seed and epoch decide (bucket %i)', (bucket) => {
		const of = (epoch: number): number[][] => epochBatches(lengths, epoch, { size: 5, bucket, seed: 1 });
		expect(
			of(1)
				.flat()
				.toSorted((a, b) => a - b),
		).toEqual(lengths.map((_, i) => i));
		expect(of(1)).toEqual(of(1));
		expect(of(1)).not.toEqual(of(2));
		expect(of(1)).toHaveLength(8);
	});

	it('wastes less on padding with larger buckets', () => {
		const padded = (bucket: number): number =>
			epochBatches(lengths, 1, { size: 5, bucket, seed: 1 })
				.map((batch) => batch.length * Math.max(...batch.map((i) => lengths[i] as number)))
				.reduce((a, b) => a + b, 0);
		expect(padded(8)).toBeLessThan(padded(1));
	});
});

const nothing = { loss: 1, gradients: new Map<string, Float32Array>(), norm: 0 };

/** A trainer whose validation losses are given, one for each look. */
function scripted(losses: readonly number[]): Trainer {
	let looks = 0;
	return {
		differentiate: async () => nothing,
		update: () => undefined,
		step: async () => 1,
		score: async (batch) => {
			const loss = losses[looks++] ?? 0;
			return batch.map(() => [-loss]);
		},
		state: () => ({ steps: 0, parameters: new Map(), moments: new Map() }),
		restore: () => undefined,
		release: async () => undefined,
	};
}

const sequence = { ids: [1, 2], weights: [0, 1] };
const options: LoopOptions = {
	epochs: 9,
	batch: { size: 2, bucket: 1, seed: 1 },
	part: 2,
	schedule: { kind: 'constant', peak: 1, warmUp: 0, floor: 0 },
	patience: 2,
	checkpointEvery: Infinity,
};
const events: LoopEvents = {
	...{ onStep: () => undefined, saveCheckpoint: () => undefined, saveEpoch: () => undefined, now: () => 0 },
	signal: new AbortController().signal,
};

it('ends after `patience` epochs without a lower validation loss', async () => {
	const sequences = [1, 2, 3].map((id) => ({ id: String(id), ...sequence }));
	const validation = [{ candidates: [sequence], gold: 0 }];
	const trainer = scripted([3, 2, 1, 1.5, 1.2, 0.1]);
	const { results } = await runLoop({ trainer, sequences, validation, options, from: freshState }, events);
	expect(results.map(({ validationLoss }) => validationLoss)).toEqual([3, 2, 1, 1.5, 1.2]);
});

describe('weights that give no finite loss', () => {
	const sequences = [1, 2, 3, 4, 5].map((id) => ({ id: `example-${id}`, ...sequence }));
	const validation = [{ candidates: [sequence], gold: 0 }];

	/** Returns the message of the training, and the steps and epochs of all that was saved. */
	async function outcome(trainer: Trainer, held: readonly ValidationItem[], checkpointEvery = Infinity) {
		const [steps, epochs]: [number[], number[]] = [[], []];
		const saving = {
			...events,
			saveCheckpoint: ({ step }: LoopState) => void steps.push(step),
			saveEpoch: ({ epoch }: EpochResult) => void epochs.push(epoch),
		};
		const input = { trainer, sequences, validation: held, options: { ...options, checkpointEvery }, from: freshState };
		const message = await runLoop(input, saving).then(String, (error: Error) => error.message);
		return { message, steps, epochs };
	}

	it('never become a checkpoint inside an epoch', async () => {
		const losses = [1, 1, NaN];
		const trainer = { ...scripted([]), differentiate: async () => ({ ...nothing, loss: losses.shift() ?? 0 }) };
		const { message, steps } = await outcome(trainer, validation, 0);
		expect(message).toMatch(/the loss is NaN at step 3 \(epoch 1\), in the batch of 1 examples: example-\d\./u);
		expect(steps).toEqual([0, 0, 1]);
	});

	it.each([['held-out examples', validation] as const, ['no held-out examples', [] as const] as const])(
		'become neither a checkpoint nor an epoch (%s)',
		async (_, held) => {
			const { message, steps, epochs } = await outcome(scripted([2, NaN]), held);
			expect(message).toContain('after epoch 1 (step 3) the loss is NaN');
			expect([steps, epochs]).toEqual([[0], [0]]);
		},
	);
});

it('examines by the most probable label: loss of the gold one, share of right ones', async () => {
	const trainer = { score: async () => [[-1], [-2], [-3], [-0.5]] };
	const question = { candidates: [sequence, sequence], gold: 0 };
	expect(await examine(trainer, [question, question], 8)).toEqual({ validationLoss: 2, validationAccuracy: 0.5 });
});

describe('commonPrefix', () => {
	const of = (...rows: { ids: number[]; weights: number[] }[]): readonly number[] => commonPrefix(rows);

	it('is what all sequences begin with, without the token before the first counted one', () => {
		const [a, b] = [
			{ ids: [1, 2, 3, 4, 5], weights: [0, 0, 0, 0, 1] },
			{ ids: [1, 2, 3, 9], weights: [0, 0, 0, 1] },
		];
		expect(of(a, b)).toEqual([1, 2]);
		expect(of(a, a)).toEqual([1, 2, 3]);
		expect(of(a, { ids: [7, 2], weights: [0, 1] })).toEqual([]);
	});

	it('is empty for one sequence, and where the second token counts', () => {
		expect([of(), of({ ids: [1, 2, 3], weights: [0, 0, 1] })]).toEqual([[], []]);
		expect(of({ ids: [1, 2], weights: [0, 1] }, { ids: [1, 3], weights: [0, 1] })).toEqual([]);
	});
});

describe.each(['llama3', 'mistral', 'gpt2'])('a common prefix that is computed once (%s)', (family) => {
	const loaded = loadDecoder(`fixtures/${family}`);
	const start = [3, 9, 14, 40, 11];
	const batch = [
		{ ids: [...start, 5, 9, 11, 30], weights: [0, 0, 0, 0, 0, 0, 0, 1, 1] },
		{ ids: [...start, 7, 8], weights: [0, 0, 0, 0, 0, 0, 4] },
	];
	const options = { adamW: adamWDefaults, clip: 1 };

	it.each(['all weights', 'an adapter'])('changes no loss, score or gradient of %s', async (kind) => {
		const config = newAdapterConfig({ rank: 2, alpha: 4, rslora: false, targets: 'all-linear' }, '', family);
		const projections = targetedModules(config, [...projectionSizes(loaded.family, loaded.config).keys()]) ?? [];
		const trainable =
			kind === 'all weights'
				? trainAllWeights(loaded.family, loaded.config, storedParameters(loaded))
				: trainLowRank(loaded, config, initialLowRank(loaded, projections, config, 1));
		const [plain, kept] = [[], start].map((prefix) => createTrainer(trainable, { ...options, prefix }));
		if (plain === undefined || kept === undefined) throw new Error('no trainers');
		const [wanted, found] = [await plain.differentiate([batch]), await kept.differentiate([batch])];
		expect(found.loss).toBeCloseTo(wanted.loss, 4);
		for (const [name, gradient] of wanted.gradients) {
			const other = found.gradients.get(name) ?? [];
			const largest = Math.max(1, ...gradient.map(Math.abs));
			const differences = gradient.map((value, i) => Math.abs(value - (other[i] ?? NaN)) / largest);
			expect(Math.max(...differences), name).toBeLessThan(1e-4);
		}
		const scores = [(await plain.score(batch)).flat(), (await kept.score(batch)).flat()];
		expect(scores[0]).toHaveLength(3);
		for (const [i, score] of (scores[0] ?? []).entries()) expect(scores[1]?.[i]).toBeCloseTo(score, 4);
		for (const trainer of [plain, kept]) await trainer.release();
	});
});

it('gives the gradients of a whole batch when it runs in parts', async () => {
	const loaded = loadDecoder('fixtures/llama3');
	const trainer = createTrainer(trainAllWeights(loaded.family, loaded.config, storedParameters(loaded)), {
		...{ adamW: adamWDefaults, clip: 1 },
	});
	const batch = [
		{ ids: [5, 9, 11, 30], weights: [0, 0, 1, 1] },
		{ ids: [7, 8], weights: [0, 4] },
		{ ids: [7, 8, 60, 61, 62], weights: [0, 1, 1, 1, 1] },
	];
	const whole = await trainer.differentiate([batch]);
	const parts = await trainer.differentiate(batch.map((one) => [one]));
	await trainer.release();
	expect(parts.loss).toBeCloseTo(whole.loss, 5);
	for (const [name, gradient] of whole.gradients) {
		const other = parts.gradients.get(name) ?? [];
		expect(Math.max(...gradient.map((value, i) => Math.abs(value - (other[i] ?? NaN)))), name).toBeLessThan(1e-4);
	}
});

/** What a training takes, said before its first step. */
import type { TokenIds } from '../llm/languageModel.ts';
import type { LoadedDecoder } from '../llm/models/loadDecoder.ts';
import { epochBatches } from './epochBatches.ts';
import type { TrainingSequence, ValidationItem } from './trainingSequences.ts';
import { type LoopOptions, type LoopState, partsOf, totalSteps } from './loop.ts';
import { estimateMemory, type MemoryEstimate } from './memory.ts';
import type { TrainableDecoder } from './trainable.ts';
import type { Trainer } from './trainer.ts';

/** What is known before the first step. */
export interface TrainingEstimate {
	readonly sequences: number;
	readonly validation: number;
	readonly truncated: readonly string[];
	readonly trainedParameters: number;
	readonly steps: number;
	/** Steps that an earlier run has done. */
	readonly stepsDone: number;
	readonly memory: MemoryEstimate;
	/** Of all remaining steps, by the time that one batch takes; what studies do after each epoch is not in it. */
	readonly milliseconds: number;
}

/** What is learnt from and examined on. */
export interface TrainingData {
	readonly sequences: readonly TrainingSequence[];
	readonly validation: readonly ValidationItem[];
	readonly truncated: readonly string[];
}

export interface EstimateInput {
	readonly base: LoadedDecoder;
	readonly trainable: TrainableDecoder;
	readonly trainer: Pick<Trainer, 'differentiate'>;
	readonly data: TrainingData;
	readonly prefix: TokenIds;
	readonly options: LoopOptions;
	readonly from: LoopState;
	readonly now: () => number;
}

/** Returns the plan: memory from the graph, and time from one part of a batch, of middling size, whose gradients are thrown away. */
export async function estimateTraining(input: EstimateInput): Promise<TrainingEstimate> {
	const { base, trainable, trainer, data, prefix, options, from, now } = input;
	const { sequences, validation, truncated } = data;
	const lengths = sequences.map(({ ids }) => ids.length);
	const batches = epochBatches(lengths, 1, options.batch);
	const parts = batches.flatMap((batch) =>
		partsOf(
			batch.map((i) => sequences[i] as TrainingSequence),
			options.part,
		),
	);
	const tokensOf = (part: readonly TrainingSequence[]): number =>
		part.length * (Math.max(...part.map(({ ids }) => ids.length)) - prefix.length);
	const middling = parts.toSorted((a, b) => tokensOf(a) - tokensOf(b))[
		Math.floor(parts.length / 2)
	] as TrainingSequence[];
	await trainer.differentiate([middling.slice(0, 1)]);
	const before = now();
	await trainer.differentiate([middling]);
	const perToken = (now() - before) / tokensOf(middling);
	const perStep = (perToken * parts.reduce((sum, part) => sum + tokensOf(part), 0)) / batches.length;
	const steps = totalSteps(sequences.length, options);
	const largest = sequences[lengths.indexOf(Math.max(...lengths))] as TrainingSequence;
	const J = Math.max(...sequences.map(({ weights }) => weights.filter((weight) => weight > 0).length));
	const B = Math.min(options.part, sequences.length);
	return {
		...{ sequences: sequences.length, validation: validation.length, truncated },
		trainedParameters: [...trainable.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
		...{ steps, stepsDone: from.step },
		memory: estimateMemory(base, trainable, { B, T: largest.ids.length, J, prefix }),
		milliseconds: perStep * (steps - from.step),
	};
}

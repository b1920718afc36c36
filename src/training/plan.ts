/** What a training takes, said before its first step. */
import type { TokenIds } from '../llm/languageModel.ts';
import type { LoadedDecoder } from '../llm/models/loadDecoder.ts';
import { epochBatches } from './epochBatches.ts';
import type { Lesson, Question } from './lessons.ts';
import { type LoopOptions, type LoopState, partsOf, totalSteps } from './loop.ts';
import { estimateMemory, type MemoryEstimate } from './memory.ts';
import type { TrainableDecoder } from './trainable.ts';
import type { Trainer } from './trainer.ts';

/** What is known before the first step. */
export interface FinetunePlan {
	readonly lessons: number;
	readonly questions: number;
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
export interface Material {
	readonly lessons: readonly Lesson[];
	readonly questions: readonly Question[];
	readonly truncated: readonly string[];
}

export interface PlanInput {
	readonly base: LoadedDecoder;
	readonly trainable: TrainableDecoder;
	readonly trainer: Pick<Trainer, 'differentiate'>;
	readonly material: Material;
	readonly beginning: TokenIds;
	readonly options: LoopOptions;
	readonly from: LoopState;
	readonly now: () => number;
}

/** Returns the plan: memory from the graph, and time from one part of a batch, of middling size, whose gradients are thrown away. */
export async function planOf(input: PlanInput): Promise<FinetunePlan> {
	const { base, trainable, trainer, material, beginning, options, from, now } = input;
	const { lessons, questions, truncated } = material;
	const lengths = lessons.map(({ ids }) => ids.length);
	const batches = epochBatches(lengths, 1, options.batch);
	const parts = batches.flatMap((batch) =>
		partsOf(
			batch.map((i) => lessons[i] as Lesson),
			options.part,
		),
	);
	const tokensOf = (part: readonly Lesson[]): number =>
		part.length * (Math.max(...part.map(({ ids }) => ids.length)) - beginning.length);
	const middling = parts.toSorted((a, b) => tokensOf(a) - tokensOf(b))[Math.floor(parts.length / 2)] as Lesson[];
	await trainer.differentiate([middling.slice(0, 1)]);
	const before = now();
	await trainer.differentiate([middling]);
	const perToken = (now() - before) / tokensOf(middling);
	const perStep = (perToken * parts.reduce((sum, part) => sum + tokensOf(part), 0)) / batches.length;
	const steps = totalSteps(lessons.length, options);
	const largest = lessons[lengths.indexOf(Math.max(...lengths))] as Lesson;
	const J = Math.max(...lessons.map(({ weights }) => weights.filter((weight) => weight > 0).length));
	const B = Math.min(options.part, lessons.length);
	return {
		...{ lessons: lessons.length, questions: questions.length, truncated },
		trainedParameters: [...trainable.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
		...{ steps, stepsDone: from.step },
		memory: estimateMemory(base, trainable, { B, T: largest.ids.length, J, beginning }),
		milliseconds: perStep * (steps - from.step),
	};
}

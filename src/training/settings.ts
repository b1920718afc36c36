/** How a model is fine-tuned, as study files say it. */
import { z } from 'zod';
import { scheduleKinds } from './schedule.ts';

const positive = z.number().positive('must be more than 0');
const share = z.number().min(0, 'a share is at least 0').max(1, 'a share is at most 1');
const count = (least: number) => z.int('expected a whole number').min(least, `must be at least ${least}`);

export const trainingKeys = {
	epochs: count(1).default(3),
	/** `lora` trains a low-rank change beside the frozen weights; `all` every weight. */
	weights: z.enum(['lora', 'all']).default('lora'),
	lora: z
		.strictObject({
			r: count(1).default(8),
			alpha: positive.default(16),
			/** Names of projections or their last parts (`q_proj`), or `all-linear`: all but the head. */
			targets: z.union([z.literal('all-linear'), z.array(z.string().min(1)).min(1)]).default('all-linear'),
			/** Scales by alpha / sqrt(r) in the place of alpha / r. */
			rslora: z.boolean().default(false),
		})
		.prefault({}),
	/** What is learnt: the label, or the label and then the answer that lists the annotated words. */
	loss: z.enum(['label', 'label_and_rationale']).default('label'),
	/** Where the words are listed: when asked for them, in the same turn right after the label, or one or the other by chance. */
	list: z.enum(['when_asked', 'after_label', 'either']).default('when_asked'),
	/** Weight of a token of the label; a token of a list has 1. */
	labelWeight: positive.default(1),
	learningRate: positive.default(2e-4),
	/** The rate after the warm-up: falls as half a cosine, or stays. */
	schedule: z.enum(scheduleKinds).default('cosine'),
	/** Share of all steps over which the rate rises. */
	warmUp: share.default(0.05),
	weightDecay: z.number().min(0).default(0.01),
	beta2: z.number().min(0).lt(1, 'must be less than 1').default(0.999),
	/** Largest norm of a step's gradients; null for no limit. */
	clip: positive.nullable().default(1),
	batch: z
		.strictObject({
			/** Examples per step. */
			size: count(1).default(16),
			/** Examples that run together; the gradients of a step's parts are added, which takes less memory. */
			part: count(1).default(8),
			/** Batches are cut by length from buckets of this many random batches; 1: not by length. */
			bucket: count(1).default(8),
		})
		.prefault({}),
	/** Share of the training examples that is held out to measure loss and accuracy after each epoch. */
	validation: share.lt(1, 'must be less than 1').default(0.1),
	/** Ends the training after this many epochs without a lower validation loss; null for never. */
	patience: count(1).nullable().default(null),
	/** Texts that do not fit into the model: an error, or shortened at the end of the longest segment. */
	tooLong: z.enum(['refuse', 'truncate']).default('refuse'),
	/** Minutes between checkpoints inside an epoch. */
	checkpointMinutes: positive.default(10),
};

export const trainingSchema = z.strictObject(trainingKeys);

export type TrainingSettings = z.output<typeof trainingSchema>;

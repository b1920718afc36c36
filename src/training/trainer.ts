/** Trains all weights of a decoder. */
import { InternalError, UserError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import { createSession, type Session, type Value } from '../engine/onnx/session.ts';
import type { DecoderFamily, ModelConfig } from '../llm/models/decoder.ts';
import { parameterShapes } from '../llm/models/loadDecoder.ts';
import { type AdamWMoments, type AdamWOptions, clipGradients, createMoments, updateAdamW } from './adamW.ts';
import { batchFeeds, gradientOutput, lossGraph, lossOutput, type TrainingSequence } from './lossGraph.ts';

/** Parameters by name, changed in place by training. */
export type ParameterValues = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface TrainerOptions {
	readonly family: DecoderFamily;
	readonly config: ModelConfig;
	readonly parameters: ParameterValues;
	readonly adamW: AdamWOptions;
	/** Largest joint L2 norm of the gradients; Infinity for no limit. */
	readonly clip: number;
}

export interface Trainer {
	/** Learns from one batch and returns its loss before the update, in nats per counted token. */
	step(batch: readonly TrainingSequence[], learningRate: number): Promise<number>;
	release(): Promise<void>;
}

/** Returns normally distributed starting values with the config's `initializer_range`; norms start at 1. */
export function initialParameters(family: DecoderFamily, config: ModelConfig, seed: number): ParameterValues {
	const deviation = Number(config.values['initializer_range'] ?? 0.02);
	const create = (name: string, shape: readonly number[]): Float32Array => {
		const random = seededRandom(seed, 'parameters', name);
		const length = shape.reduce((a, b) => a * b, 1);
		return Float32Array.from({ length }, () => (shape.length === 1 ? 1 : deviation * random.normal()));
	};
	const shapes = [...parameterShapes(family, config)];
	return new Map(shapes.map(([name, shape]) => [name, { shape, data: create(name, shape) }]));
}

/** Returns a trainer. A step throws `UserError` when the loss is not a finite number, before any parameter changes. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
	const { family, config, parameters } = options;
	const session = await createSession(lossGraph(family, config), {
		weightsFolder: '',
		place: refuseWeights,
		prepack: false,
	});
	const { vocabulary } = family.readSizes(config);
	const moments = new Map([...parameters].map(([name, { data }]) => [name, createMoments(data.length)]));
	let steps = 0;
	return {
		step: async (batch, learningRate) => {
			const { loss, gradients } = await differentiate(session, parameters, batchFeeds(batch, vocabulary));
			if (!Number.isFinite(loss)) {
				throw new UserError(
					`training: the loss is ${loss} at step ${steps + 1}; try a smaller learning rate than ${learningRate}.`,
				);
			}
			steps += 1;
			clipGradients([...gradients.values()], options.clip);
			for (const [name, { data }] of parameters) {
				const at = { step: steps, learningRate };
				updateAdamW(data, gradients.get(name) as Float32Array, moments.get(name) as AdamWMoments, at, options.adamW);
			}
			return loss;
		},
		release: () => session.release(),
	};
}

async function differentiate(
	session: Session<string>,
	parameters: ParameterValues,
	feeds: Readonly<Record<string, Value>>,
): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
	const values = [...parameters].map(([name, { shape, data }]): [string, Value] => [name, { data, sizes: shape }]);
	const results = await session.run({ ...feeds, ...Object.fromEntries(values) });
	const gradients = [...parameters.keys()].map((name): [string, Float32Array] => {
		const gradient = results[gradientOutput(name)]?.data;
		if (!(gradient instanceof Float32Array)) throw new InternalError(`training: no gradient for "${name}"`);
		return [name, gradient];
	});
	return { loss: Number(results[lossOutput]?.data[0]), gradients: new Map(gradients) };
}

function refuseWeights(name: string): never {
	throw new InternalError(`training: weight "${name}" should be an input`);
}

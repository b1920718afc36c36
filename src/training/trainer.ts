/** Gradients and updates of a trainable decoder. */
import { InternalError, UserError } from '../core/errors.ts';
import { present } from '../core/present.ts';
import { createSession, type Session, type Value } from '../engine/onnx/session.ts';
import {
	type AdamWMoments,
	type AdamWOptions,
	clipGradients,
	createMoments,
	gradientNorm,
	updateAdamW,
} from './adamW.ts';
import {
	batchFeeds,
	gradientOutput,
	logProbabilitiesOutput,
	lossGraph,
	lossOutput,
	scoreGraph,
	totalWeight,
	type WeightedTokens,
} from './lossGraph.ts';
import type { TokenIds } from '../llm/languageModel.ts';
import type { ParameterValues, TrainableDecoder } from './trainable.ts';

export interface TrainerOptions {
	readonly adamW: AdamWOptions;
	/** Largest joint L2 norm of the gradients; Infinity for no limit. */
	readonly clip: number;
	/** Tokens with which every sequence begins (`commonPrefix`), computed once per part; none when left out. */
	readonly prefix?: TokenIds;
}

/** Loss in nats per unit of weight, the gradient of each trained parameter, and their joint norm. */
export interface Differentiated {
	readonly loss: number;
	readonly gradients: ReadonlyMap<string, Float32Array>;
	readonly norm: number;
}

/** What a trainer needs to go on as if it had never stopped. */
export interface TrainerState {
	readonly steps: number;
	readonly parameters: ParameterValues;
	readonly moments: ReadonlyMap<string, AdamWMoments>;
}

export interface Trainer {
	/** Returns loss and gradients of the mean over all sequences, which run in the given parts one after the other. */
	differentiate(parts: readonly (readonly WeightedTokens[])[]): Promise<Differentiated>;
	/** Clips the gradients and changes the parameters. */
	update(differentiated: Differentiated, learningRate: number): void;
	/** Both at once; returns the loss before the update. Throws `UserError`, and changes nothing, when it is not finite. */
	step(batch: readonly WeightedTokens[], learningRate: number): Promise<number>;
	/** Returns for each sequence the log-probabilities of its counted tokens, in order. */
	score(batch: readonly WeightedTokens[]): Promise<number[][]>;
	/** Returns the state itself, not a copy. */
	state(): TrainerState;
	/** Takes over the numbers of a state with the same parameters. */
	restore(state: TrainerState): void;
	release(): Promise<void>;
}

/** Returns a trainer. Graphs are compiled when first needed. */
export function createTrainer(trainable: TrainableDecoder, options: TrainerOptions): Trainer {
	const { parameters, decoder } = trainable;
	const { prefix = [] } = options;
	const feedsOf = (batch: readonly WeightedTokens[], total: number): Record<string, Value> =>
		batchFeeds(batch, { vocabulary: decoder.sizes.vocabulary, total, cached: prefix.length });
	const moments = new Map([...parameters].map(([name, { data }]) => [name, createMoments(data.length)]));
	const learning = once(() => compile(trainable, lossGraph(decoder, trainable.inputs, prefix)));
	const scoring = once(() => compile(trainable, scoreGraph(decoder, prefix)));
	const values = [...parameters].map(([name, { shape, data }]): [string, Value] => [name, { data, sizes: shape }]);
	const trained = Object.fromEntries(values);
	let steps = 0;

	const differentiate: Trainer['differentiate'] = async (parts) => {
		const session = await learning.value();
		const total = parts.reduce((sum, part) => sum + totalWeight(part), 0);
		let [loss, sums]: [number, Map<string, Float32Array> | null] = [0, null];
		for (const part of parts) {
			const results = await session.run({ ...feedsOf(part, total), ...trained });
			loss += Number(results[lossOutput]?.data[0]);
			sums = withGradients(sums, parameters, results);
		}
		const gradients = sums ?? new Map<string, Float32Array>();
		return { loss, gradients, norm: gradientNorm(gradients.values()) };
	};
	const update: Trainer['update'] = ({ gradients, norm }, learningRate) => {
		steps += 1;
		clipGradients(gradients.values(), norm, options.clip);
		for (const [name, { data }] of parameters) {
			const at = { step: steps, learningRate };
			updateAdamW(data, gradients.get(name) as Float32Array, moments.get(name) as AdamWMoments, at, options.adamW);
		}
	};
	return {
		differentiate,
		update,
		step: async (batch, learningRate) => {
			const differentiated = await differentiate([batch]);
			const { loss } = differentiated;
			if (!Number.isFinite(loss)) {
				throw new UserError(
					`training: the loss is ${loss} at step ${steps + 1}; try a smaller learning rate than ${learningRate}.`,
				);
			}
			update(differentiated, learningRate);
			return loss;
		},
		score: async (batch) => {
			const session = await scoring.value();
			const results = await session.run({ ...feedsOf(batch, totalWeight(batch)), ...trained });
			const all = Array.from(present(results[logProbabilitiesOutput], 'log-probabilities').data, Number);
			return batch.map(({ weights }) => all.splice(0, weights.filter((weight, i) => i > 0 && weight > 0).length));
		},
		state: () => ({ steps, parameters, moments }),
		restore: (state) => {
			steps = state.steps;
			for (const [name, { data }] of parameters) {
				const [values, means] = [state.parameters.get(name), state.moments.get(name)];
				const own = moments.get(name) as AdamWMoments;
				if (values?.data.length !== data.length || means === undefined) {
					throw new InternalError(`training: the state has no parameter "${name}" of ${data.length} numbers`);
				}
				data.set(values.data);
				own.first.set(means.first);
				own.second.set(means.second);
			}
		},
		release: async () => {
			for (const session of [learning, scoring]) await session.release();
		},
	};
}

function compile(trainable: TrainableDecoder, outputs: Parameters<typeof createSession>[0]): Promise<Session<string>> {
	return createSession(outputs, { ...trainable.frozen, prepack: false, busyWaiting: true });
}

/** Adds the gradients of a part to those of the parts before it. */
function withGradients(
	sums: Map<string, Float32Array> | null,
	parameters: ParameterValues,
	results: Readonly<Record<string, Value>>,
): Map<string, Float32Array> {
	const found = [...parameters.keys()].map((name): [string, Float32Array] => {
		const gradient = results[gradientOutput(name)]?.data;
		if (!(gradient instanceof Float32Array)) throw new InternalError(`training: no gradient for "${name}"`);
		return [name, gradient];
	});
	if (sums === null) return new Map(found);
	for (const [name, gradient] of found) {
		const sum = sums.get(name) as Float32Array;
		for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (gradient[i] as number);
	}
	return sums;
}

/** A session that is compiled when first asked for. */
function once(create: () => Promise<Session<string>>) {
	let known: Promise<Session<string>> | undefined;
	return {
		value: (): Promise<Session<string>> => (known ??= create()),
		release: async (): Promise<void> => {
			const session = await known;
			await session?.release();
		},
	};
}

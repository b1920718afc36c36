/** The graph of one training step: weighted cross-entropy at chosen positions and its gradients. */
import { gradients } from '../engine/graph/backward.ts';
import { gatherRows, input, logSoftmax, multiply, negate, reshape, sum } from '../engine/graph/build.ts';
import type { Node } from '../engine/graph/node.ts';
import { product } from '../engine/graph/shape.ts';
import type { Value } from '../engine/onnx/session.ts';
import type { DecoderFamily, ModelConfig } from '../llm/models/decoder.ts';
import { shared } from '../llm/models/loadDecoder.ts';

/** A sequence of T tokens to learn from. */
export interface TrainingSequence {
	readonly ids: readonly number[];
	/** Weight [T] of the loss of predicting each token from those before it; 0 where nothing is learnt (always at 0). */
	readonly weights: readonly number[];
}

export const lossOutput = 'loss';

/** Returns the name of the output with a parameter's gradient. */
export const gradientOutput = (parameter: string): string => `gradient.${parameter}`;

/**
 * Returns the outputs of a step for a decoder whose parameters are all fed and trained:
 * loss = -sum_m w_m log softmax(z_m)[y_m] over the M counted positions, and the gradient of each parameter.
 */
export function lossGraph(family: DecoderFamily, config: ModelConfig): Record<string, Node> {
	const parameters = new Map<string, Node>();
	const source = shared((name, shape) => {
		const node = input(name, shape);
		parameters.set(name, node);
		return node;
	});
	const decoder = family.createDecoder(config, source);
	const trace = decoder.run({
		embeddings: decoder.embed(input('ids', ['B', 'T'], 'int64')),
		positions: input('positions', ['B', 'T'], 'int64'),
		keyPositions: input('positions', ['B', 'T'], 'int64'),
		past: null,
	});
	const rows = gatherRows(trace.hiddenStates.at(-1) as Node, input('rows', ['M'], 'int64'));
	const logProbabilities = reshape(logSoftmax(decoder.logits(rows)), [product('M', decoder.sizes.vocabulary)]);
	const chosen = gatherRows(logProbabilities, input('targets', ['M'], 'int64'));
	const loss = negate(sum(multiply(chosen, input('weights', ['M'])), [0]));
	const names = [...parameters.keys()];
	const parameterGradients = gradients(loss, [...parameters.values()]);
	const outputs = names.map((name, i): [string, Node] => [gradientOutput(name), parameterGradients[i] as Node]);
	return { [lossOutput]: loss, ...Object.fromEntries(outputs) };
}

/**
 * Returns the feeds of a batch, padded on the right (no real token sees padding under the causal mask). Weights are
 * divided by their sum, so that the loss is a weighted mean. `targets` index the flattened [M*V] log-probabilities.
 */
export function batchFeeds(batch: readonly TrainingSequence[], vocabulary: number): Record<string, Value> {
	const tokens = Math.max(...batch.map(({ ids }) => ids.length));
	const grid = (value: (row: number, place: number) => number): Value => ({
		data: BigInt64Array.from({ length: batch.length * tokens }, (_, i) =>
			BigInt(value(Math.floor(i / tokens), i % tokens)),
		),
		sizes: [batch.length, tokens],
	});
	const counted = batch.flatMap(({ ids, weights }, row) =>
		ids.flatMap((id, place) => {
			const weight = weights[place] ?? 0;
			return place > 0 && weight > 0 ? [{ row: row * tokens + place - 1, target: id, weight }] : [];
		}),
	);
	const total = counted.reduce((sumOfWeights, { weight }) => sumOfWeights + weight, 0);
	const vector = (values: readonly number[]): Value => ({
		data: BigInt64Array.from(values, BigInt),
		sizes: [values.length],
	});
	return {
		ids: grid((row, place) => batch[row]?.ids[place] ?? 0),
		positions: grid((_, place) => place),
		rows: vector(counted.map(({ row }) => row)),
		targets: vector(counted.map(({ target }, m) => m * vocabulary + target)),
		weights: { data: Float32Array.from(counted, ({ weight }) => weight / total), sizes: [counted.length] },
	};
}

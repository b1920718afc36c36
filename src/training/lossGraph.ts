/** The graphs of training: weighted cross-entropy at chosen positions, its gradients, and log-probabilities alone. */
import { commonPrefixLength } from '../core/commonPrefixLength.ts';
import { itemAt, zip } from '../core/present.ts';
import { gradients } from '../engine/graph/backward.ts';
import {
	constant,
	expand,
	gatherRows,
	input,
	logSoftmax,
	multiply,
	negate,
	reshape,
	sum,
} from '../engine/graph/build.ts';
import type { Node } from '../engine/graph/node.ts';
import { product } from '../engine/graph/shape.ts';
import type { Value } from '../engine/onnx/session.ts';
import { padded, vector } from '../llm/graphs/feeds.ts';
import type { TokenIds } from '../llm/languageModel.ts';
import type { Decoder } from '../llm/models/decoder.ts';

/** A sequence of T tokens to learn from. */
export interface WeightedTokens {
	readonly ids: readonly number[];
	/** Weight [T] of the loss of predicting each token from those before it; 0 where nothing is learnt (always at 0). */
	readonly weights: readonly number[];
}

export const lossOutput = 'loss';
export const logProbabilitiesOutput = 'logProbabilities';

/** Returns the name of the output with a parameter's gradient. */
export const gradientOutput = (parameter: string): string => `gradient.${parameter}`;

/**
 * Returns the outputs of a step: loss = -sum_m w_m log softmax(z_m)[y_m] over the M counted positions, and the gradient
 * of each trained parameter, given as graph inputs by name. What is not asked for costs no gradient; the last block goes
 * on after its keys and values for the places that predict a counted token only. The P tokens of `prefix` come before
 * those of every sequence and are computed once: under the causal mask they see none of what follows.
 */
export function lossGraph(
	decoder: Decoder,
	trained: ReadonlyMap<string, Node>,
	prefix: TokenIds = [],
): Record<string, Node> {
	const loss = negate(sum(multiply(logProbabilities(decoder, prefix), input('weights', ['M'])), [0]));
	const found = gradients(loss, [...trained.values()]);
	const outputs = [...trained.keys()].map((name, i): [string, Node] => [gradientOutput(name), found[i] as Node]);
	return { [lossOutput]: loss, ...Object.fromEntries(outputs) };
}

/** Returns the output of a look without learning: the log-probabilities [M] of the counted tokens. */
export function scoreGraph(decoder: Decoder, prefix: TokenIds = []): Record<string, Node> {
	return { [logProbabilitiesOutput]: logProbabilities(decoder, prefix) };
}

function logProbabilities(decoder: Decoder, prefix: TokenIds): Node {
	const positions = input('positions', ['B', 'T'], 'int64');
	const { hiddenStates } = decoder.run({
		embeddings: decoder.embed(input('ids', ['B', 'T'], 'int64')),
		positions,
		keyPositions: prefix.length === 0 ? positions : input('keyPositions', ['B', 'S'], 'int64'),
		past: prefix.length === 0 ? null : keysAndValues(decoder, prefix),
		readoutRows: input('readoutRows', ['B', 'J'], 'int64'),
	});
	const rows = gatherRows(hiddenStates.at(-1) as Node, input('rows', ['M'], 'int64'));
	const all = reshape(logSoftmax(decoder.logits(rows)), [product('M', decoder.sizes.vocabulary)]);
	return gatherRows(all, input('targets', ['M'], 'int64'));
}

/** Returns those of the prefix [B, G, P, K] per layer: of one row, repeated. */
function keysAndValues(decoder: Decoder, prefix: TokenIds): { readonly keys: Node; readonly values: Node }[] {
	const { keyValueHeads, headWidth } = decoder.sizes;
	const row = (values: readonly number[]): Node => constant(values, [1, values.length], 'int64');
	const positions = row([...prefix.keys()]);
	const { newKeysValues } = decoder.run({
		embeddings: decoder.embed(row(prefix)),
		positions,
		keyPositions: positions,
		past: null,
	});
	const repeated = (x: Node): Node => expand(x, ['B', keyValueHeads, prefix.length, headWidth]);
	return newKeysValues.map(({ keys, values }) => ({ keys: repeated(keys), values: repeated(values) }));
}

/**
 * Returns the tokens with which all sequences begin, so many that those that predict a counted token are not among them;
 * none for a single sequence or none.
 */
export function commonPrefix(sequences: readonly WeightedTokens[]): TokenIds {
	if (sequences.length < 2) return [];
	const firstCounted = sequences.map(({ weights }) => weights.findIndex((weight) => weight > 0));
	const limit = Math.min(...firstCounted.filter((place) => place > 0)) - 1;
	const ids = sequences.map((sequence) => sequence.ids);
	return itemAt(ids, 0).slice(0, Math.min(commonPrefixLength(ids), limit));
}

/** Returns the sum of the weights of a batch. */
export function totalWeight(batch: readonly WeightedTokens[]): number {
	return batch.reduce(
		(total, { weights }) => total + weights.reduce((sumOfWeights, weight) => sumOfWeights + weight, 0),
		0,
	);
}

/**
 * Returns the feeds of a batch, padded on the right (no real token sees padding under the causal mask), each sequence
 * without its first `cached` tokens. Weights are divided by `total`: with that of the batch the loss is a weighted mean, with
 * that of several batches their losses add up to the mean over all. `readoutRows` [B, J] are up to J counted tokens per
 * sequence among the [B*T], `rows` [M] the counted ones among these, `targets` index the flattened [M*V]
 * log-probabilities.
 */
export function batchFeeds(
	batch: readonly WeightedTokens[],
	{ vocabulary, total, cached = 0 }: { readonly vocabulary: number; readonly total: number; readonly cached?: number },
): Record<string, Value> {
	const tokens = Math.max(...batch.map(({ ids }) => ids.length)) - cached;
	const grid = (width: number, value: (row: number, place: number) => number): Value => ({
		data: BigInt64Array.from({ length: batch.length * width }, (_, i) =>
			BigInt(value(Math.floor(i / width), i % width)),
		),
		sizes: [batch.length, width],
	});
	const counted = batch.map(({ ids, weights }) =>
		zip(ids, weights).flatMap(([id, weight], place) => {
			return place > 0 && weight > 0 ? [{ place: place - cached - 1, target: id, weight }] : [];
		}),
	);
	const readouts = Math.max(1, ...counted.map(({ length }) => length));
	const all = counted.flatMap((tokensOfRow, row) =>
		tokensOfRow.map((token, j) => ({ ...token, read: row * readouts + j })),
	);
	return {
		ids: padded(
			batch.map(({ ids }) => ids.slice(cached)),
			tokens,
			() => 0,
		),
		positions: grid(tokens, (_, place) => cached + place),
		keyPositions: grid(cached + tokens, (_, place) => place),
		readoutRows: padded(
			counted.map((own, row) => own.map(({ place }) => row * tokens + place)),
			readouts,
			(_, row) => row * tokens,
		),
		rows: vector(all.map(({ read }) => read)),
		targets: vector(all.map(({ target }, m) => m * vocabulary + target)),
		weights: { data: Float32Array.from(all, ({ weight }) => weight / total), sizes: [all.length] },
	};
}

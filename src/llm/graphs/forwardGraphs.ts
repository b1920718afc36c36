/**
 * Forward passes. Every pass may follow cached tokens, whose keys and values [1, G, P, K] were computed once and belong to
 * all rows. Exact: under the causal mask a prefix never depends on what follows. P is 0 where nothing is cached.
 */
import { fused } from '../../engine/graph/fuse.ts';
import { expand, gatherRows, input, logSoftmax, multiply, reshape } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import type { Decoder, DecoderInputs, DecoderTrace } from '../models/decoder.ts';

/** Returns the forward pass of ids [B, T], padded on the right, with nothing cached. */
export function forwardPass(decoder: Decoder): { readonly embeddings: Node; readonly trace: DecoderTrace } {
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const positions = input('positions', ['B', 'T'], 'int64');
	return { embeddings, trace: decoder.run({ embeddings, positions, keyPositions: positions, past: null }) };
}

/** Returns the forward pass of embeddings [B*T, D] after cached tokens. */
export function passAfterCache(
	decoder: Decoder,
	embeddings: Node,
	only: Pick<DecoderInputs, 'visibility' | 'readoutRows' | 'attentionParts'> = {},
): DecoderTrace {
	return decoder.run({
		embeddings,
		positions: input('positions', ['B', 'T'], 'int64'),
		keyPositions: input('keyPositions', ['B', 'S'], 'int64'),
		past: cachedKeysValues(decoder),
		...only,
	});
}

function cachedKeysValues({ sizes }: Decoder): { readonly keys: Node; readonly values: Node }[] {
	const { layers, keyValueHeads, headWidth } = sizes;
	const repeated = (name: string): Node =>
		expand(input(name, [1, keyValueHeads, 'P', headWidth]), ['B', keyValueHeads, 'P', headWidth]);
	return Array.from({ length: layers }, (_, i) => ({ keys: repeated(`keys${i}`), values: repeated(`values${i}`) }));
}

/** Returns the final hidden state [B, D] of the last token of each row; `last` indexes the flattened rows [B*T]. */
export function lastRows(trace: DecoderTrace): Node {
	return gatherRows(trace.hiddenStates.at(-1) as Node, input('last', ['B'], 'int64'));
}

/** Returns the pass after cached tokens whose last hidden state is that of the last token of each row, [B, D]. */
export function lastRowAfterCache(decoder: Decoder, embeddings: Node, attentionParts = 1): DecoderTrace {
	const readoutRows = reshape(input('last', ['B'], 'int64'), ['B', 1]);
	return passAfterCache(decoder, embeddings, { readoutRows, attentionParts });
}

/**
 * Rows hold several sequences. Outputs: `logits` and `logProbabilities` [N] of token `targets[n]`, an index into the
 * flattened [B, J, V], after the rows' tokens `readoutRows` [B, J]; `distributions` [B*J*V], the log-probabilities of all
 * tokens there; and the keys and values `newKeys0`, `newValues0`, ... of
 * every layer [B, G, T, K]. One graph for all of them: each compiled graph maps the weights once more.
 */
export function readGraph(decoder: Decoder): Record<string, Node> {
	const trace = passAfterCache(decoder, decoder.embed(input('ids', ['B', 'T'], 'int64')), {
		visibility: {
			indices: input('indices', ['B', 'T'], 'int64'),
			keyIndices: input('keyIndices', ['B', 'S'], 'int64'),
			keyVisibleUntil: input('keyVisibleUntil', ['B', 'S'], 'int64'),
		},
		readoutRows: input('readoutRows', ['B', 'J'], 'int64'),
	});
	const logits = decoder.logits(trace.hiddenStates.at(-1) as Node);
	const targets = input('targets', ['N'], 'int64');
	const flat = (all: Node): Node => reshape(all, [product('B', 'J', decoder.sizes.vocabulary)]);
	const distributions = flat(logSoftmax(logits));
	return fused({
		logits: gatherRows(flat(logits), targets),
		logProbabilities: gatherRows(distributions, targets),
		distributions,
		...Object.fromEntries(
			trace.newKeysValues.flatMap(({ keys, values }, i) => [
				[`newKeys${i}`, keys],
				[`newValues${i}`, values],
			]),
		),
	});
}

/**
 * Returns the terms [J] of the targets after final hidden rows [B, D]: `targetWeights[j]` times the logit at
 * `targetTokens[j]` (an index into the flattened [B, V]).
 */
export function targetTerms(decoder: Decoder, rows: Node): Node {
	const logits = decoder.logits(rows);
	const chosen = gatherRows(reshape(logits, [product(...logits.shape)]), input('targetTokens', ['J'], 'int64'));
	return multiply(chosen, input('targetWeights', ['J']));
}

/** Output: `terms` [J] of the targets at the prompts `ids` [B, T]. */
export function targetGraph(decoder: Decoder): Record<string, Node> {
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	return fused({ terms: targetTerms(decoder, lastRowAfterCache(decoder, embeddings).hiddenStates.at(-1) as Node) });
}

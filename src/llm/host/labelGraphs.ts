/** Graphs that score labels: one for labels told apart by their first token, one for whole label sequences. */
import { expand, gatherRows, input, logSoftmax, reshape, transpose } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';

/** Returns the forward pass of ids [B, T], padded on the right. */
export function forwardPass(decoder: Decoder): { readonly embeddings: Node; readonly trace: DecoderTrace } {
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	return { embeddings, trace: passFrom(decoder, embeddings, false) };
}

/**
 * Returns the forward pass of embeddings [B*T, D]. With `afterPrefix` they follow a prefix all rows share, whose keys
 * and values [1, G, P, K] were computed once. Exact: under the causal mask a prefix never depends on what follows.
 */
export function passFrom(decoder: Decoder, embeddings: Node, afterPrefix: boolean): DecoderTrace {
	const positions = input('positions', ['B', 'T'], 'int64');
	if (!afterPrefix) return decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	const { layers, keyValueHeads, headWidth } = decoder.sizes;
	const repeated = (name: string): Node =>
		expand(input(name, [1, keyValueHeads, 'P', headWidth]), ['B', keyValueHeads, 'P', headWidth]);
	return decoder.run({
		embeddings,
		positions,
		keyPositions: input('keyPositions', ['B', 'S'], 'int64'),
		past: Array.from({ length: layers }, (_, i) => ({ keys: repeated(`keys${i}`), values: repeated(`values${i}`) })),
	});
}

/** Returns the logits [B, V] after the last token of each row; `last` indexes the flattened rows [B*T]. */
export function lastLogits(decoder: Decoder, trace: DecoderTrace): Node {
	return decoder.logits(gatherRows(trace.hiddenStates.at(-1) as Node, input('last', ['B'], 'int64')));
}

/** Outputs: the keys and values [1, G, P, K] of every layer for one row of ids. */
export function prefixGraph(decoder: Decoder): Record<string, Node> {
	const { newKeysValues } = forwardPass(decoder).trace;
	return Object.fromEntries(
		newKeysValues.flatMap(({ keys, values }, i) => [
			[`keys${i}`, keys],
			[`values${i}`, values],
		]),
	);
}

/** Outputs: `logProbabilities` [C, B] of the tokens `labels` [C] after the last token of each row. */
export function firstTokenGraph(decoder: Decoder, afterPrefix: boolean): Record<string, Node> {
	const trace = passFrom(decoder, decoder.embed(input('ids', ['B', 'T'], 'int64')), afterPrefix);
	const logProbabilities = logSoftmax(lastLogits(decoder, trace));
	return { logProbabilities: gatherRows(transpose(logProbabilities, [1, 0]), input('labels', ['C'], 'int64')) };
}

/** Outputs: `logProbabilities` [M] of token `targets[m]` (an index into the flattened [M, V]) after row `rows[m]`. */
export function sequenceGraph(decoder: Decoder): Record<string, Node> {
	const rows = gatherRows(forwardPass(decoder).trace.hiddenStates.at(-1) as Node, input('rows', ['M'], 'int64'));
	const logProbabilities = reshape(logSoftmax(decoder.logits(rows)), [product('M', decoder.sizes.vocabulary)]);
	return { logProbabilities: gatherRows(logProbabilities, input('targets', ['M'], 'int64')) };
}

/** Graphs that score labels: one for labels told apart by their first token, one for whole label sequences. */
import { gatherRows, input, logSoftmax, reshape, transpose } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';

/** Returns the forward pass of ids [B, T], padded on the right. */
export function forwardPass(decoder: Decoder): { readonly embeddings: Node; readonly trace: DecoderTrace } {
	const positions = input('positions', ['B', 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	return { embeddings, trace: decoder.run({ embeddings, positions, keyPositions: positions, past: null }) };
}

/** Returns the logits [B, V] after the last token of each row; `last` indexes the flattened rows [B*T]. */
export function lastLogits(decoder: Decoder, trace: DecoderTrace): Node {
	return decoder.logits(gatherRows(trace.hiddenStates.at(-1) as Node, input('last', ['B'], 'int64')));
}

/** Outputs: `logProbabilities` [C, B] of the tokens `labels` [C] after the last token of each row. */
export function firstTokenGraph(decoder: Decoder): { readonly logProbabilities: Node } {
	const logProbabilities = logSoftmax(lastLogits(decoder, forwardPass(decoder).trace));
	return { logProbabilities: gatherRows(transpose(logProbabilities, [1, 0]), input('labels', ['C'], 'int64')) };
}

/** Outputs: `logProbabilities` [M] of token `targets[m]` (an index into the flattened [M, V]) after row `rows[m]`. */
export function sequenceGraph(decoder: Decoder): { readonly logProbabilities: Node } {
	const rows = gatherRows(forwardPass(decoder).trace.hiddenStates.at(-1) as Node, input('rows', ['M'], 'int64'));
	const logProbabilities = reshape(logSoftmax(decoder.logits(rows)), [product('M', decoder.sizes.vocabulary)]);
	return { logProbabilities: gatherRows(logProbabilities, input('targets', ['M'], 'int64')) };
}

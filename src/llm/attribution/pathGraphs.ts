/**
 * Graphs that differentiate the target at points other than the prompt's embeddings; the rows of a run are points of
 * one prompt, whose tokens before the explained ones are cached.
 * Letters: B points, T tokens, M explained tokens, D width.
 */
import {
	add,
	divide,
	gatherRows,
	input,
	multiply,
	reshape,
	scale,
	squareRoot,
	subtract,
	sum,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { recomputeSegments } from '../../engine/graph/recompute.ts';
import type { Decoder } from '../models/decoder.ts';
import { blockwiseGradients } from './blockwiseGradients.ts';
import { rowSum } from './rowReductions.ts';
import { attentionParts, type GraphForm } from '../graphs/graphForm.ts';
import { lastRowAfterCache, targetTerms } from '../graphs/forwardGraphs.ts';

/**
 * Point b is X = R + alphas[b] (E - R), E the embeddings of `ids` and R those of `references` [B, T]. Outputs:
 * `attribution` [B, T] = sum over D of (E - R) dt/dX, `terms` [J] of the targets at the points.
 */
export function pathGraph(decoder: Decoder, form: GraphForm): Record<string, Node> {
	const { hidden } = decoder.sizes;
	const references = decoder.embed(input('references', ['B', 'T'], 'int64'));
	const step = subtract(decoder.embed(input('ids', ['B', 'T'], 'int64')), references);
	const alphas = reshape(input('alphas', ['B']), ['B', 1, 1]);
	const moved = reshape(multiply(reshape(step, ['B', 'T', hidden]), alphas), ['B*T', hidden]);
	const point = add(references, moved);
	const { gradient, terms, blocks } = differentiateAt(decoder, point, form);
	const outputs = { attribution: rowSum(multiply(gradient, step)), terms };
	return form === 'plain' ? outputs : recomputeSegments(outputs, blocks);
}

/**
 * Point b is X = E + spread * deviation * `noise` [B, T, D], where the deviation is that of all numbers of E at the
 * explained tokens (`isExplained` [B, T] is 1 there); noise is 0 elsewhere. Output: `gradients` [M, D], the sum over
 * the points of dt/dX at the positions `explained` [M]. A norm of a mean cannot be reduced further before all points
 * are in.
 */
export function noiseGraph(decoder: Decoder, spread: number, form: GraphForm): Record<string, Node> {
	const { hidden } = decoder.sizes;
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const rows = reshape(embeddings, ['B', 'T', hidden]);
	const deviation = maskedDeviation(rows, reshape(input('isExplained', ['B', 'T']), ['B', 'T', 1]), hidden);
	const noise = multiply(input('noise', ['B', 'T', hidden]), scale(deviation, spread));
	const point = reshape(add(rows, noise), ['B*T', hidden]);
	const { gradient, blocks } = differentiateAt(decoder, point, form);
	const total = reshape(sum(reshape(gradient, ['B', 'T', hidden]), [0]), ['T', hidden]);
	const outputs = { gradients: gatherRows(total, input('explained', ['M'], 'int64')) };
	return form === 'plain' ? outputs : recomputeSegments(outputs, blocks);
}

/** Returns dt/dX at embeddings X [B*T, D]. */
function differentiateAt(decoder: Decoder, point: Node, form: GraphForm) {
	const trace = lastRowAfterCache(decoder, point, attentionParts(form));
	const terms = targetTerms(decoder, trace.hiddenStates.at(-1) as Node);
	const { gradients, blocks } = blockwiseGradients(terms, trace, [point]);
	return { gradient: gradients[0] as Node, terms, blocks };
}

/** Returns the standard deviation [B, 1, 1] of the numbers of x [B, T, D] where mask [B, T, 1] is 1. */
function maskedDeviation(x: Node, mask: Node, width: number): Node {
	const count = scale(sum(mask, [1, 2]), width);
	const mean = divide(sum(multiply(x, mask), [1, 2]), count);
	const centred = multiply(subtract(x, mean), mask);
	return squareRoot(divide(sum(multiply(centred, centred), [1, 2]), count));
}

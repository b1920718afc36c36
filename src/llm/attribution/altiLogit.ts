import { UserError } from '../../core/errors.ts';
import { type Edits, gradients } from '../../engine/graph/backward.ts';
import {
	add,
	concat,
	expand,
	gatherRows,
	input,
	lessOrEqual,
	matmul,
	multiply,
	negate,
	reshape,
	scalar,
	subtract,
	sum,
	transpose,
	where,
} from '../../engine/graph/build.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import type { ExplainedPrompt, MultiPassAttribution } from '../languageModel.ts';
import type { AttentionOutput, Decoder, DecoderTrace } from '../models/decoder.ts';
import { lastRows, targetTerms } from '../graphs/forwardGraphs.ts';
import { columnsOf, residualStream, singlePass, sourceFeeds, throughLayer } from './contributions.ts';
import { floatsOf, targetFeeds } from '../graphs/feeds.ts';
import { inRuns, sum as total } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import type { MultiPassMethod } from './method.ts';

/** The direction in which a logit reads the residual stream, the final norm's factor held constant. */
const frozenNorms: Edits = { normalisationFactor: { kind: 'detach' } };

/**
 * s = sum_l u_l M_(l-1): what attention in layer l moves from each token into the target, followed back to the input
 * by ALTI's contributions (docs/methods.md A.14). What MLPs and the last token's own residual add is not distributed.
 * Diagnostics: `target` and `distributed`, the sum of the scores of all tokens of the prompt.
 */
export const altiLogit: MultiPassMethod<'altiLogit'> = {
	kind: 'multiPass',
	declaration: {
		id: 'alti_logit',
		title: 'ALTI-Logit',
		family: 'attribution',
		needs: 'gradients',
		signed: true,
		targetSpecific: true,
		aggregation: 'sum',
		source: 'Ferrando et al. 2023 (arXiv 2305.12535); contributions by ALTI, Ferrando et al. 2022 (arXiv 2203.04212)',
		diagnostics: { target: 'the explained number', distributed: 'the part of it given to tokens' },
	},
	requestKind: 'altiLogit',
	request: () => ({ kind: 'altiLogit' }),
	cost: () => ({ forward: 1, backward: 1, bound: 'exact' }),
	attribute,
};

/**
 * Returns s [T] = sum_l u_l M_(l-1) (Ferrando et al. 2023; docs/methods.md A.14). u_l[j] is what attention in layer l
 * moves from token j into the target at q: t'(A_l[q, j] v_j W_O), t' the target as a linear function of the last
 * residual with the final norm's factor constant. M_l = C_l M_(l-1), M_0 = I, with ALTI's contributions C_l (Ferrando
 * et al. 2022). What MLPs, biases and the residual of q add is not distributed. Diagnostics: `target` = t,
 * `distributed` = sum s. Throws a UserError where a block norms what attention gives.
 */
async function attribute(context: EngineContext, prompt: ExplainedPrompt): Promise<MultiPassAttribution> {
	const { decoder, modelType } = context;
	const { ids, target } = prompt;
	const graph = await context.session('alti logit', () => altiLogitGraph(decoder, modelType));
	const ofTarget = targetFeeds([target], decoder.sizes.vocabulary);
	let updates: Float32Array = new Float32Array();
	let terms: Float32Array = new Float32Array();
	const columns = await inRuns(context, ids.length, [...ids.keys()], async (sources) => {
		const results = await graph.run({ ...sourceFeeds(ids, sources), ...ofTarget });
		updates = floatsOf(results, 'updates');
		terms = floatsOf(results, 'terms');
		return columnsOf(results, sources.length);
	});
	const update = (layer: number): Float32Array => updates.subarray(layer * ids.length, (layer + 1) * ids.length);
	let row: Float64Array = Float64Array.from(update(decoder.sizes.layers - 1));
	for (let layer = decoder.sizes.layers - 2; layer >= 0; layer--) {
		row = throughLayer(row, columns, layer).map((value, j) => value + (update(layer)[j] as number));
	}
	return { scores: Float32Array.from(row), diagnostics: { target: total(terms), distributed: total(row) } };
}

/** Outputs: `updates` [L, T], `contributions` [N, L, T] before normalisation, `terms` [J] of the target. */
function altiLogitGraph(decoder: Decoder, modelType: string): Record<string, Node> {
	const trace = singlePass(decoder);
	requireLinear(trace.attentionOutputs, modelType);
	const terms = targetTerms(decoder, lastRows(trace));
	const [reading] = gradients(terms, [trace.lastResidual], frozenNorms) as [Node];
	const layers = [...Array.from({ length: decoder.sizes.layers }).keys()];
	const updates = layers.map((layer) => logitUpdate(decoder, trace, layer, gatherRows(reading, last)));
	const contributions = layers.map((layer) => contributionsTo(decoder, trace, layer));
	return { updates: concat(updates, 0, layers.length), contributions: concat(contributions, 1, layers.length), terms };
}

const last = input('last', [1], 'int64');

/** Refuses what is not a linear map, named by the family. */
function requireLinear(outputs: readonly AttentionOutput[], modelType: string): void {
	const isNormed = outputs.some(({ heads, project }) => {
		const rows = input('rows', ['M', heads.shape[1] as number]);
		return topologicalOrder([project(rows)]).some(({ tag }) => tag === 'normalisationFactor');
	});
	if (!isNormed) return;
	throw new UserError(`alti_logit: blocks of "${modelType}" norm what attention gives; this is not supported.`);
}

/** Returns u_l [1, T]: sum over heads of A_l[h, q, j] v_j . (W_O^T reading). */
function logitUpdate(decoder: Decoder, trace: DecoderTrace, layer: number, reading: Node): Node {
	const { heads, keyValueHeads: groups, headWidth } = decoder.sizes;
	const { heads: rows, project } = trace.attentionOutputs[layer] as AttentionOutput;
	const row = gatherRows(rows, last);
	const [direction] = gradients(multiply(project(row), reading), [row]) as [Node];
	const perHead = reshape(direction, [1, groups, heads / groups, headWidth]);
	const values = trace.newKeysValues[layer]?.values as Node;
	const reads = reshape(matmul(perHead, values, { transposeB: true }), [1, heads, 'T']);
	const byQuery = reshape(transpose(trace.attentions[layer] as Node, [0, 3, 1, 2, 4]), ['T', heads, 'T']);
	return reshape(sum(multiply(gatherRows(byQuery, last), reads), [1]), [1, 'T']);
}

/**
 * Returns c_ij = max(0, |y_i| - |T_i(x_j) - y_i|) for the sources j, [N, 1, T] with L1 norms; y is the residual stream
 * after attention and T_i(x_j) = W_O (A_ij v_j of all heads) + [i = j] x_i.
 */
function contributionsTo(decoder: Decoder, trace: DecoderTrace, layer: number): Node {
	const { heads, headWidth, hidden } = decoder.sizes;
	const { project, residual } = trace.attentionOutputs[layer] as AttentionOutput;
	const rows = reshape(sourceRows(decoder, trace, layer), ['N*T', heads * headWidth]);
	const bias = project(expand(scalar(0), [1, heads * headWidth]));
	const moved = reshape(subtract(project(rows), bias), ['N', 'T', hidden]);
	const own = multiply(
		reshape(residualStream(trace)[layer] as Node, [1, 'T', hidden]),
		reshape(input('isSource', ['N', 'T']), ['N', 'T', 1]),
	);
	const wanted = reshape(residual, [1, 'T', hidden]);
	const nearness = subtract(norm(wanted), norm(subtract(add(moved, own), wanted)));
	return reshape(where(lessOrEqual(scalar(0), nearness), nearness, scalar(0)), ['N', 1, 'T']);
}

/** Returns what the sources give to every token before the output projection: A_ij v_j, [N, T, H, K]. */
function sourceRows(decoder: Decoder, trace: DecoderTrace, layer: number): Node {
	const { heads, keyValueHeads: groups, headWidth } = decoder.sizes;
	const repeats = heads / groups;
	const sources = input('sources', ['N'], 'int64');
	const weights = transpose(trace.attentions[layer] as Node, [4, 0, 3, 1, 2]);
	const values = transpose(trace.newKeysValues[layer]?.values as Node, [2, 0, 1, 3]);
	return multiply(
		reshape(gatherRows(weights, sources), ['N', 'T', groups, repeats, 1]),
		reshape(gatherRows(values, sources), ['N', 1, groups, 1, headWidth]),
	);
}

/** L1 norm of [.., .., D]. */
function norm(x: Node): Node {
	return sum(where(lessOrEqual(scalar(0), x), x, negate(x)), [2]);
}

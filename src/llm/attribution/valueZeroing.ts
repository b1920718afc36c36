import {
	concat,
	divide,
	input,
	multiply,
	reshape,
	scalar,
	scale,
	squareRoot,
	subtract,
	sum,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { rewrite } from '../../engine/graph/rewrite.ts';
import type { ExplainedPrompt, MultiPassAttribution } from '../languageModel.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';
import {
	columnsOf,
	repeated,
	repeatedRows,
	residualStream,
	singlePass,
	sourceFeeds,
	throughLayer,
} from './contributions.ts';
import { inRuns } from './pathPoints.ts';
import type { EngineContext } from '../sessions/engineContext.ts';
import type { MultiPassMethod } from './method.ts';

/**
 * s = row q of C_L ... C_1, C_l[i, j] = 1 - cos between block l's output at i with and without the values of j, rows
 * normalised (docs/methods.md A.13). One pass per token of the prompt. It explains the representation at q, not a
 * label.
 */
export const valueZeroing: MultiPassMethod<'valueZeroing'> = {
	kind: 'multiPass',
	declaration: {
		id: 'value_zeroing',
		title: 'Value zeroing',
		family: 'attribution',
		needs: 'attention',
		signed: false,
		targetSpecific: false,
		aggregation: 'sum',
		source: 'Mohebbi et al. 2023 (arXiv 2301.12971); rollout of their repository, values of all heads',
		diagnostics: { passes: 'patched forward passes' },
	},
	requestKind: 'valueZeroing',
	request: () => ({ kind: 'valueZeroing' }),
	cost: (_, tokens) => ({ forward: tokens, backward: 0, bound: 'exact' }),
	attribute,
};

/**
 * Returns row q of C_L ... C_1 [T], C_l[i, j] = 1 - cos(block l's output at i with the values of j set to 0, the same
 * without), rows normalised, no identity added (Mohebbi et al. 2023; docs/methods.md A.13). Each block starts from its
 * clean input, so one patched pass per token serves all layers: T passes. Diagnostic: `passes`.
 */
async function attribute(context: EngineContext, { ids }: ExplainedPrompt): Promise<MultiPassAttribution> {
	const { decoder } = context;
	const graph = await context.session('value zeroing', () => valueZeroingGraph(decoder));
	const columns = await inRuns(context, ids.length, [...ids.keys()], async (sources) =>
		columnsOf(await graph.run(sourceFeeds(ids, sources)), sources.length),
	);
	let row: Float64Array = new Float64Array(ids.length);
	row[ids.length - 1] = 1;
	for (let layer = decoder.sizes.layers - 1; layer >= 0; layer--) row = throughLayer(row, columns, layer);
	return { scores: Float32Array.from(row), diagnostics: { passes: ids.length } };
}

/** Output: `contributions` [N, L, T]. */
function valueZeroingGraph(decoder: Decoder): Record<string, Node> {
	const { layers } = decoder.sizes;
	const clean = singlePass(decoder);
	const positions = repeated(input('positions', [1, 'T'], 'int64'), 'N');
	const embeddings = repeatedRows(clean.hiddenStates[0] as Node, 'N');
	const patched = decoder.run({ embeddings, positions, keyPositions: positions, past: null });
	const isKept = subtract(scalar(1), reshape(input('isSource', ['N', 'T']), ['N', 1, 'T', 1]));
	const distances = Array.from({ length: layers }, (_, layer) => {
		const output = blockWithout(clean, patched, layer, isKept);
		const wanted = repeatedRows(residualStream(clean)[layer + 1] as Node, 'N');
		return reshape(cosineDistance(output, wanted), ['N', 1, 'T']);
	});
	return { contributions: concat(distances, 1, layers) };
}

/** Returns the output [N*T, D] of a block whose input and attention weights are clean and whose values are masked. */
function blockWithout(clean: DecoderTrace, patched: DecoderTrace, layer: number, isKept: Node): Node {
	const values = repeated(clean.newKeysValues[layer]?.values as Node, 'N');
	const replaced = new Map([
		[residualStream(patched)[layer] as Node, repeatedRows(residualStream(clean)[layer] as Node, 'N')],
		[patched.attentions[layer] as Node, repeated(clean.attentions[layer] as Node, 'N')],
		[patched.newKeysValues[layer]?.values as Node, multiply(values, isKept)],
	]);
	return rewrite({ output: residualStream(patched)[layer + 1] as Node }, (node) => replaced.get(node)).output;
}

/** Returns 1 - cos(a, b) per row, as |a / |a| - b / |b||^2 / 2, which keeps its digits where a and b are close. */
function cosineDistance(a: Node, b: Node): Node {
	const difference = subtract(unit(a), unit(b));
	return scale(sum(multiply(difference, difference), [1]), 0.5);
}

function unit(x: Node): Node {
	return divide(x, squareRoot(sum(multiply(x, x), [1])));
}

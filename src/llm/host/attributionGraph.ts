/** The graph of one forward and, where needed, one backward pass; everything is reduced to [B, T] inside the graph. */
import { gradients } from '../../engine/graph/backward.ts';
import {
	gatherRows,
	input,
	lessOrEqual,
	mean,
	multiply,
	negate,
	reshape,
	scalar,
	squareRoot,
	sum,
	transpose,
	where,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { type Dimension, product } from '../../engine/graph/shape.ts';
import type { PassOutput } from '../languageModel.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';
import { forwardPass, lastLogits } from './labelGraphs.ts';

/**
 * Returns the outputs asked for, each [B, T]. The target of row b is the weighted sum of the logits at
 * `targetTokens[b*C..]` (indices into the flattened [B, V]) with `targetWeights`.
 */
export function attributionGraph(decoder: Decoder, wanted: readonly PassOutput[]): Record<string, Node> {
	const { embeddings, trace } = forwardPass(decoder);
	const reductions: Readonly<Record<PassOutput, () => Node>> = {
		attention: () => lastAttentionRow(trace),
		'gradient.l1': () => rowSum(absolute(gradient())),
		'gradient.l2': () => rowNorm(gradient()),
		'gradientXInput.dot': () => rowSum(multiply(gradient(), embeddings)),
		'gradientXInput.l2': () => rowNorm(multiply(gradient(), embeddings)),
	};
	let known: Node | undefined;
	const gradient = (): Node => {
		known ??= gradients(targetOf(decoder, trace), [embeddings])[0] as Node;
		return known;
	};
	return Object.fromEntries(wanted.map((name) => [name, reductions[name]()]));
}

function targetOf(decoder: Decoder, trace: DecoderTrace): Node {
	const logits = lastLogits(decoder, trace);
	const chosen = gatherRows(reshape(logits, [product(...logits.shape)]), input('targetTokens', ['J'], 'int64'));
	return multiply(chosen, input('targetWeights', ['J']));
}

/** Last layer, mean of the query heads, row of the last token: [B, T]. */
function lastAttentionRow(trace: DecoderTrace): Node {
	const weights = trace.attentions.at(-1) as Node;
	const [batch, groups, repeats, tokens, keys] = weights.shape as [Dimension, number, number, Dimension, Dimension];
	const byRow = reshape(transpose(weights, [0, 3, 1, 2, 4]), [product(batch, tokens), groups * repeats, keys]);
	return reshape(mean(gatherRows(byRow, input('last', ['B'], 'int64')), 1), [batch, keys]);
}

const toGrid = (x: Node): Node => reshape(x, ['B', 'T']);
const rowSum = (x: Node): Node => toGrid(sum(x, [1]));
const rowNorm = (x: Node): Node => squareRoot(rowSum(multiply(x, x)));
const absolute = (x: Node): Node => where(lessOrEqual(scalar(0), x), x, negate(x));

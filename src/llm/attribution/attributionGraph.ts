/** The graph of one forward and, where needed, one backward pass; everything is reduced to [B, T] inside the graph. */
import { type Edits, gradients } from '../../engine/graph/backward.ts';
import {
	input,
	lessOrEqual,
	multiply,
	negate,
	reshape,
	scalar,
	squareRoot,
	subtract,
	sum,
	where,
} from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { recomputeSegments, type Segment } from '../../engine/graph/recompute.ts';
import { attnLrp, cpLrp, gim } from '../../engine/nn/attributionEdits.ts';
import type { AttentionChoice, PassOutput } from '../languageModel.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';
import { attentionRow, defaultAttention, gradientAttentionRow, rolloutRow } from './attentionScores.ts';
import { residualStream } from './contributions.ts';
import { attentionParts, type GraphForm } from '../graphs/graphForm.ts';
import { lastRows, passAfterCache, targetTerms } from '../graphs/forwardGraphs.ts';

/**
 * Returns the outputs asked for, each [B, T] about the tokens after the cached ones; those that need the same backward
 * walk share it. Exact: no gradient of a later token passes through an earlier one. Inputs beside the
 * prompt: those of `targetTerms`, and `neutralToken` [1] for `gim`. Gradients of attention weights need these whole.
 * Throws what `attentionRow` throws.
 */
export function attributionGraph(
	decoder: Decoder,
	wanted: readonly PassOutput[],
	choice: AttentionChoice = defaultAttention,
	form: GraphForm = 'plain',
): Record<string, Node> {
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const parts = wanted.includes('gradientAttention') ? 1 : attentionParts(form);
	const trace = passAfterCache(decoder, embeddings, { attentionParts: parts });
	const terms = once(() => targetTerms(decoder, lastRows(trace)));
	const blocks: Segment[] = [];
	const walk = (edits: Edits): readonly Node[] => {
		const found = blockwiseGradients(terms(), trace, [embeddings, ...(parts === 1 ? trace.attentions : [])], edits);
		blocks.push(...found.blocks);
		return found.gradients;
	};
	const plain = once(() => walk({}));
	const gradient = (): Node => plain()[0] as Node;
	const edited = (edits: Edits, reference: Node): Node => rowSum(multiply(walk(edits)[0] as Node, reference));
	const reductions: Readonly<Record<PassOutput, () => Node>> = {
		attention: () => attentionRow(trace.attentions, choice),
		attentionRollout: () => rolloutRow(trace.attentions),
		gradientAttention: () => gradientAttentionRow(trace.attentions, plain().slice(1)),
		'gradient.l1': () => rowSum(absolute(gradient())),
		'gradient.l2': () => rowNorm(gradient()),
		'gradientXInput.dot': () => rowSum(multiply(gradient(), embeddings)),
		'gradientXInput.l2': () => rowNorm(multiply(gradient(), embeddings)),
		cpLrp: () => edited(cpLrp, embeddings),
		attnLrp: () => edited(attnLrp, embeddings),
		gim: () => edited(gim, subtract(embeddings, decoder.embed(input('neutralToken', [1, 1], 'int64')))),
	};
	const outputs = Object.fromEntries(wanted.map((name) => [name, reductions[name]()]));
	return form === 'plain' ? outputs : recomputeSegments(outputs, blocks);
}

/** Returns the gradients of the sum of `terms` with respect to nodes of its pass, and the blocks the walk went through. */
export function blockwiseGradients(
	terms: Node,
	trace: DecoderTrace,
	wanted: readonly Node[],
	edits: Edits = {},
): { readonly gradients: readonly Node[]; readonly blocks: readonly Segment[] } {
	const residuals = residualStream(trace);
	const all = gradients(terms, [...wanted, ...residuals], edits) as Node[];
	const ofResiduals = all.slice(wanted.length);
	const blocks = residuals.slice(1).map((to, i) => ({
		from: residuals[i] as Node,
		to,
		gradient: ofResiduals[i + 1] as Node,
	}));
	return { gradients: all.slice(0, wanted.length), blocks };
}

/** Returns the sum over D of [B*T, D], as [B, T]. */
export function rowSum(x: Node): Node {
	return reshape(sum(x, [1]), ['B', 'T']);
}

const rowNorm = (x: Node): Node => squareRoot(rowSum(multiply(x, x)));
const absolute = (x: Node): Node => where(lessOrEqual(scalar(0), x), x, negate(x));

function once<Result>(compute: () => Result): () => Result {
	let known: Result | undefined;
	return () => (known ??= compute());
}

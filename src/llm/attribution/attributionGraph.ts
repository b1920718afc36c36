/** The graph of one forward and, where needed, one backward pass; everything is reduced to [B, T] inside the graph. */
import type { Edits } from '../../engine/graph/backward.ts';
import { input } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { recomputeSegments, type Segment } from '../../engine/graph/recompute.ts';
import { lastRows, passAfterCache, targetTerms } from '../graphs/forwardGraphs.ts';
import { attentionParts, type GraphForm } from '../graphs/graphForm.ts';
import type { AttentionChoice, PassOutput } from '../languageModel.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';
import { passMethodOf } from './attributionMethods.ts';
import { blockwiseGradients } from './blockwiseGradients.ts';
import type { SharedPass } from './method.ts';

const lastLayer: AttentionChoice = { layers: 'last', heads: 'all' };

/**
 * Returns the outputs asked for, each [B, T] about the tokens after the cached ones; those that need the same backward
 * walk share it. Exact: no gradient of a later token passes through an earlier one. Inputs beside the
 * prompt: those of `targetTerms`, and `neutralToken` [1, 1] for methods that need one. Throws what the methods'
 * reductions throw.
 */
export function attributionGraph(
	decoder: Decoder,
	wanted: readonly PassOutput[],
	attention: AttentionChoice = lastLayer,
	form: GraphForm = 'plain',
): Record<string, Node> {
	const methods = wanted.map(passMethodOf);
	const embeddings = decoder.embed(input('ids', ['B', 'T'], 'int64'));
	const isWhole = methods.some(({ needsAttentionGradients }) => needsAttentionGradients === true);
	const parts = isWhole ? 1 : attentionParts(form);
	const trace = passAfterCache(decoder, embeddings, { attentionParts: parts });
	const differentiated = [embeddings, ...(parts === 1 ? trace.attentions : [])];
	const { pass, blocks } = sharedPass(decoder, trace, differentiated, attention);
	const outputs = Object.fromEntries(methods.map((method) => [method.output, method.reduce(pass)]));
	return form === 'plain' ? outputs : recomputeSegments(outputs, blocks);
}

/** Returns the pass, which walks back to embeddings and attention weights, with the blocks gone through so far. */
function sharedPass(
	decoder: Decoder,
	trace: DecoderTrace,
	differentiated: readonly Node[],
	attention: AttentionChoice,
): { readonly pass: SharedPass; readonly blocks: readonly Segment[] } {
	const { attentions } = trace;
	const embeddings = differentiated[0] as Node;
	const terms = once(() => targetTerms(decoder, lastRows(trace)));
	const blocks: Segment[] = [];
	const walk = (edits: Edits): readonly Node[] => {
		const found = blockwiseGradients(terms(), trace, differentiated, edits);
		blocks.push(...found.blocks);
		return found.gradients;
	};
	const plain = once(() => walk({}));
	const gradient = (edits?: Edits): Node => (edits === undefined ? plain() : walk(edits))[0] as Node;
	const attentionGradients = (): readonly Node[] => plain().slice(1);
	return { pass: { decoder, embeddings, attentions, attention, gradient, attentionGradients }, blocks };
}

function once<Result>(compute: () => Result): () => Result {
	let known: Result | undefined;
	return () => (known ??= compute());
}

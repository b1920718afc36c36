/** Gradients of a target's terms, with the blocks that the walk back went through. */
import { type Edits, gradients } from '../../engine/graph/backward.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Segment } from '../../engine/graph/recompute.ts';
import type { DecoderTrace } from '../models/decoder.ts';
import { residualStream } from './contributions.ts';

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

/** Attention of some heads at a time: the weights [T, S] of all heads at once are what long texts take most memory for. */
import { after, concat, reshape, slice } from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import { type AttentionResult, groupedQueryAttention, type ScoreSettings } from './attention.ts';

/**
 * Returns the same as `groupedQueryAttention`, computed in at most `most` parts of the heads, one after the other; their
 * gradients come one after the other, too. The weights are a copy that the output does not come from.
 */
export function attentionInParts(
	q: Node,
	k: Node,
	v: Node,
	mask: Node,
	settings: ScoreSettings,
	most: number,
): AttentionResult {
	const [heads, groups] = [Number(q.shape[2]), Number(k.shape[1])];
	const parts = partsOf(heads, groups, most);
	if (parts === 1) return groupedQueryAttention(q, k, v, mask, settings);
	const results: AttentionResult[] = [];
	for (let i = 0; i < parts; i++) {
		const earlier = results.at(-1)?.output;
		const part = (x: Node, axis: number, count: number): Node => {
			const [start, end] = [Math.floor((i * count) / parts), Math.ceil(((i + 1) * count) / parts)];
			const own = end - start === count ? x : slice(x, axis, start, end);
			return earlier === undefined ? own : after(own, earlier);
		};
		results.push(groupedQueryAttention(part(q, 2, heads), part(k, 1, groups), part(v, 1, groups), mask, settings));
	}
	return joined(results, heads, groups);
}

/** Returns the largest number of parts with whole groups, or with heads of one group only. */
function partsOf(heads: number, groups: number, most: number): number {
	for (let parts = most; parts > 1; parts--) {
		if (heads % parts === 0 && (groups % parts === 0 || parts % groups === 0)) return parts;
	}
	return 1;
}

function joined(results: readonly AttentionResult[], heads: number, groups: number): AttentionResult {
	const byHead = results.map(({ weights }) => withHeads(weights, [heads / results.length]));
	const outputs = results.map(({ output }) => output);
	const width = outputs.reduce((total, { shape }) => total + Number(shape[1]), 0);
	return {
		output: concat(outputs, 1, width),
		weights: withHeads(concat(byHead, 1, heads), [groups, heads / groups]),
	};
}

/** Returns weights [B, ..., T, S] with other sizes between. */
function withHeads(weights: Node, between: readonly number[]): Node {
	const { shape } = weights;
	return reshape(weights, [...shape.slice(0, 1), ...between, ...shape.slice(-2)]);
}

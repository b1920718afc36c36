/** Attention of grouped queries. Letters: H query heads, G key/value heads, R = H/G, K head width, S keys. */
import {
	add,
	lessOrEqual,
	matmul,
	reshape,
	scalar,
	scale,
	softmax,
	subtract,
	tagged,
	transpose,
	where,
} from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import { type Dimension, product } from '../graph/shape.ts';
import { softCap } from './activations.ts';

const hidden = scalar(-1e30);

/**
 * Rows that hold several sequences side by side: a query at place p of its row sees the keys whose place is at most p
 * and whose end is at least p. Int64.
 */
export interface Visibility {
	/** [B, T]. */
	readonly indices: Node;
	/** [B, S]. */
	readonly keyIndices: Node;
	/** [B, S], the last place that sees the key. */
	readonly keyVisibleUntil: Node;
}

/**
 * Returns what is added to attention scores, [B, 1, 1, T, S]: 0 where a key's position is at most the query's and, with
 * a window, less than `window` before it; else -1e30. Padding has a key position beyond every query, so it is never seen.
 * With `visibility`, indices say what is seen, and positions only how far away it is.
 */
export function causalMask(
	positions: Node,
	keyPositions: Node,
	window: number | null = null,
	visibility: Visibility | null = null,
): Node {
	const [queries, keys] = [asQueries(positions), asKeys(keyPositions)];
	const near = window === null ? scalar(0) : where(withinWindow(queries, keys, window), scalar(0), hidden);
	if (visibility === null) return where(lessOrEqual(keys, queries), near, hidden);
	const indices = asQueries(visibility.indices);
	const own = where(lessOrEqual(indices, asKeys(visibility.keyVisibleUntil)), near, hidden);
	return where(lessOrEqual(asKeys(visibility.keyIndices), indices), own, hidden);
}

function asQueries(x: Node): Node {
	const [batch, tokens] = x.shape as [Dimension, Dimension];
	return reshape(x, [batch, 1, 1, tokens, 1]);
}

function asKeys(x: Node): Node {
	const [batch, keys] = x.shape as [Dimension, Dimension];
	return reshape(x, [batch, 1, 1, 1, keys]);
}

function withinWindow(queries: Node, keys: Node, window: number): Node {
	return lessOrEqual(subtract(queries, keys), scalar(window - 1, 'int64'));
}

/** How scores become weights: softmax(cap(scale * q.k) + mask). */
export interface ScoreSettings {
	readonly scale: number;
	/** Bound of the soft cap (Gemma 2), or null. */
	readonly cap: number | null;
}

export interface AttentionResult {
	/** Rows [N, H*K], before the output projection. */
	readonly output: Node;
	/** Weights after softmax [B, G, R, T, S]; query head h is group h / R, place h % R. */
	readonly weights: Node;
}

/**
 * Returns scaled dot-product attention of grouped queries (Vaswani et al. 2017; Ainslie et al. 2023).
 * q [B, T, H, K]; k, v [B, G, S, K]. Key/value heads are not repeated: the R queries of a group are rows of one product.
 */
export function groupedQueryAttention(q: Node, k: Node, v: Node, mask: Node, settings: ScoreSettings): AttentionResult {
	const [batch, tokens, heads, width] = q.shape as [Dimension, Dimension, number, number];
	const [, groups, keys] = k.shape as [Dimension, number, Dimension];
	const repeats = heads / groups;
	const rows = product(repeats, tokens);
	const grouped = transpose(
		reshape(scale(q, settings.scale), [batch, tokens, groups, repeats, width]),
		[0, 2, 3, 1, 4],
	);
	const products = matmul(reshape(grouped, [batch, groups, rows, width]), k, { transposeB: true });
	const scores = settings.cap === null ? products : softCap(products, settings.cap);
	const weights = tagged('attention', softmax(add(reshape(scores, [batch, groups, repeats, tokens, keys]), mask)));
	const mixed = matmul(reshape(weights, [batch, groups, rows, keys]), v);
	const output = transpose(reshape(mixed, [batch, groups, repeats, tokens, width]), [0, 3, 1, 2, 4]);
	return { output: reshape(output, [product(batch, tokens), heads * width]), weights };
}

/** Returns the rows [N, H*K] of a projection as heads [B, T, H, K]. */
export function splitHeads(x: Node, batch: Dimension, tokens: Dimension, heads: number): Node {
	return reshape(x, [batch, tokens, heads, Number(x.shape[1]) / heads]);
}

/** Returns heads [B, T, G, K] in the order of a cache: [B, G, T, K]. */
export function cacheOrder(x: Node): Node {
	return transpose(x, [0, 2, 1, 3]);
}

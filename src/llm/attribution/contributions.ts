/**
 * How much each token contributes to each other in a block, and what that gives over all layers. Contributions
 * C_l [T, T] have rows for the tokens that receive and columns for those that give; graphs compute columns in batches.
 */
import { itemAt } from '../../core/present.ts';
import { expand, input, reshape } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import { product } from '../../engine/graph/shape.ts';
import type { Value } from '../../engine/onnx/session.ts';
import type { TokenIds } from '../languageModel.ts';
import type { Decoder, DecoderTrace } from '../models/decoder.ts';
import { floatsOf, idGrid, vector } from '../graphs/feeds.ts';

/** Columns per source token j: of each layer, c_ij for i = 0..T-1, [K, T] with K layers. */
export type Columns = readonly Float32Array[];

/** Returns the pass of one prompt: all shapes have 1 for B. */
export function singlePass(decoder: Decoder): DecoderTrace {
	const positions = input('positions', [1, 'T'], 'int64');
	const embeddings = decoder.embed(input('ids', [1, 'T'], 'int64'));
	return decoder.run({ embeddings, positions, keyPositions: positions, past: null });
}

/** Returns the residual stream before each block and after the last, L+1 nodes [B*T, D]. */
export function residualStream(trace: DecoderTrace): readonly Node[] {
	return [...trace.hiddenStates.slice(0, -1), trace.lastResidual];
}

/** Returns x [1, ...rest] repeated as [N, ...rest]. */
export function repeated(x: Node, count: string): Node {
	return expand(x, [count, ...x.shape.slice(1)]);
}

/** Returns x in another shape, repeated over a new first axis, its rows joined again: [T, D] -> [N*T, D]. */
export function repeatedRows(x: Node, count: string): Node {
	const all = repeated(reshape(x, [1, ...x.shape]), count);
	return reshape(all, [product(count, itemAt(x.shape, 0)), itemAt(x.shape, 1)]);
}

/** Feeds of `singlePass` and of the batch of source tokens: `sources` [N] and `isSource` [N, T]. */
export function sourceFeeds(ids: TokenIds, sources: readonly number[]): Record<string, Value> {
	const isSource = Float32Array.from({ length: sources.length * ids.length }, (_, i) =>
		Number(sources[Math.floor(i / ids.length)] === i % ids.length),
	);
	return {
		ids: idGrid([ids]),
		positions: idGrid([ids.map((_, i) => i)]),
		last: vector([ids.length - 1]),
		sources: vector(sources),
		isSource: { data: isSource, sizes: [sources.length, ids.length] },
	};
}

/** Returns the columns in a result `contributions` [N, K, T]. */
export function columnsOf(results: Readonly<Record<string, Value>>, count: number): Columns {
	const all = floatsOf(results, 'contributions');
	const size = all.length / count;
	return Array.from({ length: count }, (_, n) => all.slice(n * size, (n + 1) * size));
}

/**
 * Returns r C_l [T] for a row r [T] and the contributions of layer l, each row of C_l divided by its sum (a row of
 * zeros stays); only j <= i counts, the rest is 0 under a causal mask.
 */
export function throughLayer(row: Float64Array, columns: Columns, layer: number): Float64Array {
	const length = row.length;
	const at = (i: number, j: number): number => (columns[j] as Float32Array)[layer * length + i] as number;
	const result = new Float64Array(length);
	for (const [i, share] of row.entries()) {
		let total = 0;
		for (let j = 0; j <= i; j++) total += at(i, j);
		if (total === 0) continue;
		for (let j = 0; j <= i; j++) result[j] = (result[j] as number) + (share * at(i, j)) / total;
	}
	return result;
}

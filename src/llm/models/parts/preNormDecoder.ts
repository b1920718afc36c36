/**
 * Assembly of decoders whose blocks norm before they compute: x + attention(norm(x)), then x + mlp(norm(x)) (Radford et
 * al. 2019; Touvron et al. 2023), or both at once from the same x (Wang & Komatsuzaki 2021). Everything that differs
 * between families is a function or a number given by the family.
 */
import { memoize } from '../../../core/memoize.ts';
import { add, concat, gatherRows, reshape, tagged } from '../../../engine/graph/build.ts';
import type { Node } from '../../../engine/graph/node.ts';
import { type Dimension, product } from '../../../engine/graph/shape.ts';
import {
	cacheOrder,
	causalMask,
	type ScoreSettings,
	type Visibility,
	splitHeads,
} from '../../../engine/nn/attention.ts';
import { attentionInParts } from '../../../engine/nn/attentionParts.ts';
import { type Rotary, type RotaryAngles, rotaryAngles, rotate } from '../../../engine/nn/rotary.ts';
import type { AttentionOutput, Decoder, DecoderInputs, DecoderSizes, DecoderTrace } from '../decoder.ts';
import type { Projections, Transform } from './projections.ts';

export interface PreNormBlock {
	readonly attentionNorm: Transform;
	/** Rows [N, D] to queries [N, H*K], keys [N, G*K] and values [N, G*K], in this order. */
	readonly project: Projections;
	/** Norms of query and key heads [B, T, heads, K], or null. */
	readonly headNorms: { readonly query: Transform; readonly key: Transform } | null;
	/** Rotation of query and key heads, or null. */
	readonly rotary: Rotary | null;
	/** Number of latest keys that a query sees, itself included, or null for all. */
	readonly window: number | null;
	readonly scores: ScoreSettings;
	/** What attention gives, rows [N, H*K], to what is added to the residual stream, [N, D]. */
	readonly attentionOutput: Transform;
	readonly mlpNorm: Transform;
	/** Normed rows [N, D] to what is added to the residual stream, [N, D]. */
	readonly mlp: Transform;
	/** Whether the MLP reads what attention reads, and not what attention has added to. */
	readonly isParallel?: boolean;
}

export interface PreNormParts {
	readonly sizes: DecoderSizes;
	readonly embed: Transform;
	/** Embeddings with learned positions added; left out where there are none. */
	readonly addPositions?: (embeddings: Node, positions: Node) => Node;
	readonly block: (layer: number) => PreNormBlock;
	readonly finalNorm: Transform;
	readonly logits: Transform;
}

/** Returns the decoder that the parts make. */
export function preNormDecoder(parts: PreNormParts): Decoder {
	const { sizes, embed, logits } = parts;
	return { sizes, embed, run: (inputs) => runBlocks(parts, inputs), logits };
}

function runBlocks(parts: PreNormParts, inputs: DecoderInputs): DecoderTrace {
	const { layers } = parts.sizes;
	const all = queriesOf(inputs, inputs.positions, inputs.visibility ?? null);
	const asking = inputs.readoutRows === undefined ? all : queriesAt(inputs, inputs.readoutRows);
	const hiddenStates = [parts.addPositions?.(inputs.embeddings, inputs.positions) ?? inputs.embeddings];
	const attentions: Node[] = [];
	const newKeysValues: KeysValues[] = [];
	const attentionOutputs: AttentionOutput[] = [];
	for (let layer = 0; layer < layers; layer++) {
		const block = parts.block(layer);
		const rows = hiddenStates.at(-1) as Node;
		const queries = layer < layers - 1 ? all : asking;
		const x = queries.select(rows);
		const past = inputs.past?.[layer] ?? null;
		const { keyPositions, attentionParts = 1 } = inputs;
		const attention = attend(parts.sizes, block, { rows, x, past, keyPositions, attentionParts }, all, queries);
		const afterAttention = add(x, block.attentionOutput(attention.output));
		const read = block.isParallel ? x : afterAttention;
		hiddenStates.push(add(afterAttention, block.mlp(block.mlpNorm(read))));
		attentions.push(attention.weights);
		newKeysValues.push(attention.newKeysValues);
		attentionOutputs.push({ heads: attention.output, project: block.attentionOutput, residual: afterAttention });
	}
	const lastResidual = hiddenStates.pop() as Node;
	hiddenStates.push(parts.finalNorm(lastResidual));
	return { hiddenStates, attentions, newKeysValues, lastResidual, attentionOutputs };
}

/** Rows that ask, with what blocks share about them. */
interface Queries {
	/** [B, T], or [B, J] where only some rows ask. */
	readonly positions: Node;
	readonly angles: (rotary: Rotary) => RotaryAngles;
	readonly mask: (window: number | null) => Node;
	/** These rows among all, [B*T, D] to [B*J, D]. */
	readonly select: Transform;
}

function queriesOf({ keyPositions }: DecoderInputs, positions: Node, visibility: Visibility | null): Queries {
	return {
		positions,
		angles: memoize((rotary) => rotaryAngles(positions, rotary)),
		mask: memoize((window) => causalMask(positions, keyPositions, window, visibility)),
		select: (rows) => rows,
	};
}

function queriesAt(inputs: DecoderInputs, rows: Node): Queries {
	const { positions, visibility } = inputs;
	const flat = reshape(rows, [product(...rows.shape)]);
	const at = (grid: Node): Node => gatherRows(reshape(grid, [product(...grid.shape)]), rows);
	const own = visibility === undefined ? null : { ...visibility, indices: at(visibility.indices) };
	return { ...queriesOf(inputs, at(positions), own), select: (rows) => gatherRows(rows, flat) };
}

interface KeysValues {
	readonly keys: Node;
	readonly values: Node;
}

interface BlockInputs {
	/** The residual stream [B*T, D], and the part of it that asks. */
	readonly rows: Node;
	readonly x: Node;
	readonly past: KeysValues | null;
	readonly keyPositions: Node;
	readonly attentionParts: number;
}

interface BlockAttention {
	/** Rows [N, H*K]. */
	readonly output: Node;
	readonly weights: Node;
	readonly newKeysValues: KeysValues;
}

/** Returns attention of some rows over the cached keys and those of all rows. */
function attend(
	sizes: DecoderSizes,
	block: PreNormBlock,
	{ rows, x, past, keyPositions, attentionParts }: BlockInputs,
	all: Queries,
	asking: Queries,
): BlockAttention {
	const normed = block.attentionNorm(rows);
	const [ownQueries, keys, values] = block.project(normed) as [Node, Node, Node];
	const queries = x === rows ? ownQueries : (block.project(block.attentionNorm(x))[0] as Node);
	const placed = (projected: Node, heads: number, norm: Transform | undefined, at: Queries): Node => {
		const [batch, tokens] = at.positions.shape as [Dimension, Dimension];
		const split = splitHeads(projected, batch, tokens, heads);
		const normedHeads = norm?.(split) ?? split;
		return block.rotary === null ? normedHeads : rotate(normedHeads, at.angles(block.rotary));
	};
	const withPast = (cached: Node | undefined, fresh: Node): Node =>
		cached === undefined ? fresh : concat([cached, fresh], 2, keyPositions.shape[1] as Dimension);
	const [batch, tokens] = all.positions.shape as [Dimension, Dimension];
	const query = tagged('query', placed(queries, sizes.heads, block.headNorms?.query, asking));
	const key = tagged('key', placed(keys, sizes.keyValueHeads, block.headNorms?.key, all));
	const value = tagged('value', splitHeads(values, batch, tokens, sizes.keyValueHeads));
	const fresh = { keys: cacheOrder(key), values: cacheOrder(value) };
	const [allKeys, allValues] = [withPast(past?.keys, fresh.keys), withPast(past?.values, fresh.values)];
	const mask = asking.mask(block.window);
	const { output, weights } = attentionInParts(query, allKeys, allValues, mask, block.scores, attentionParts);
	return { output, weights, newKeysValues: fresh };
}

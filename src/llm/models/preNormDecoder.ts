/**
 * Assembly of decoders whose blocks norm before they compute: x + attention(norm(x)), then x + mlp(norm(x)) (Radford et
 * al. 2019; Touvron et al. 2023). Everything that differs between families is a function or a number given by the family.
 */
import { add, concat, tagged } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Dimension } from '../../engine/graph/shape.ts';
import {
	cacheOrder,
	causalMask,
	groupedQueryAttention,
	type ScoreSettings,
	splitHeads,
} from '../../engine/nn/attention.ts';
import { type Rotary, type RotaryAngles, rotaryAngles, rotate } from '../../engine/nn/rotary.ts';
import type { AttentionOutput, Decoder, DecoderInputs, DecoderSizes, DecoderTrace } from './decoder.ts';
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
	const angles = remembered((rotary: Rotary) => rotaryAngles(inputs.positions, rotary));
	const mask = remembered((window: number | null) => causalMask(inputs.positions, inputs.keyPositions, window));
	const hiddenStates = [parts.addPositions?.(inputs.embeddings, inputs.positions) ?? inputs.embeddings];
	const attentions: Node[] = [];
	const newKeysValues: KeysValues[] = [];
	const attentionOutputs: AttentionOutput[] = [];
	for (let layer = 0; layer < parts.sizes.layers; layer++) {
		const block = parts.block(layer);
		const x = hiddenStates.at(-1) as Node;
		const attention = attend(parts.sizes, block, block.attentionNorm(x), {
			...inputs,
			angles: block.rotary === null ? null : angles(block.rotary),
			mask: mask(block.window),
			past: inputs.past?.[layer] ?? null,
		});
		const afterAttention = add(x, block.attentionOutput(attention.output));
		hiddenStates.push(add(afterAttention, block.mlp(block.mlpNorm(afterAttention))));
		attentions.push(attention.weights);
		newKeysValues.push(attention.newKeysValues);
		attentionOutputs.push({ heads: attention.output, project: block.attentionOutput, residual: afterAttention });
	}
	const lastResidual = hiddenStates.pop() as Node;
	hiddenStates.push(parts.finalNorm(lastResidual));
	return { hiddenStates, attentions, newKeysValues, lastResidual, attentionOutputs };
}

interface KeysValues {
	readonly keys: Node;
	readonly values: Node;
}

interface BlockInputs {
	readonly positions: Node;
	readonly keyPositions: Node;
	readonly angles: RotaryAngles | null;
	readonly mask: Node;
	readonly past: KeysValues | null;
}

interface BlockAttention {
	/** Rows [N, H*K]. */
	readonly output: Node;
	readonly weights: Node;
	readonly newKeysValues: KeysValues;
}

/** Returns attention of normed rows x [N, D] over the cached and the new keys. */
function attend(sizes: DecoderSizes, block: PreNormBlock, x: Node, inputs: BlockInputs): BlockAttention {
	const { positions, keyPositions, angles, past } = inputs;
	const [batch, tokens] = positions.shape as [Dimension, Dimension];
	const [queries, keys, values] = block.project(x) as [Node, Node, Node];
	const placed = (rows: Node, heads: number, norm: Transform | undefined): Node => {
		const split = splitHeads(rows, batch, tokens, heads);
		const normed = norm?.(split) ?? split;
		return angles === null ? normed : rotate(normed, angles);
	};
	const withPast = (cached: Node | undefined, fresh: Node): Node =>
		cached === undefined ? fresh : concat([cached, fresh], 2, keyPositions.shape[1] as Dimension);
	const query = tagged('query', placed(queries, sizes.heads, block.headNorms?.query));
	const key = tagged('key', placed(keys, sizes.keyValueHeads, block.headNorms?.key));
	const value = tagged('value', splitHeads(values, batch, tokens, sizes.keyValueHeads));
	const fresh = { keys: cacheOrder(key), values: cacheOrder(value) };
	const [allKeys, allValues] = [withPast(past?.keys, fresh.keys), withPast(past?.values, fresh.values)];
	const { output, weights } = groupedQueryAttention(query, allKeys, allValues, inputs.mask, block.scores);
	return { output, weights, newKeysValues: fresh };
}

/** Returns the function with its results kept, so that blocks share nodes. */
function remembered<Key, Result>(compute: (key: Key) => Result): (key: Key) => Result {
	const results = new Map<Key, Result>();
	return (key) => {
		const result = results.get(key) ?? compute(key);
		results.set(key, result);
		return result;
	};
}

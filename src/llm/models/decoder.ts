/** What every decoder family gives: the pieces of one network as graph nodes, with the places that methods look at. */
import type { Node } from '../../engine/graph/node.ts';
import type { Shape } from '../../engine/graph/shape.ts';
import type { Visibility } from '../../engine/nn/attention.ts';
import type { StoredNames } from './storedNames.ts';

/** Sizes that decide shapes and memory (letters of the design: L, D, H, G, K, V). */
export interface DecoderSizes {
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headWidth: number;
	readonly vocabulary: number;
	/** Longest sequence the positions were made for, in tokens. */
	readonly contextLength: number;
}

/** Where a decoder's parameters come from: mapped files, or inputs that training changes. */
export interface ParameterSource {
	(name: string, shape: Shape): Node;
	/** Returns what the projection of this name gives once an adapter changes it: rows x [N, from], y [N, to] without it. */
	readonly adapt?: ((projection: string, x: Node, y: Node) => Node) | undefined;
}

export interface DecoderInputs {
	/** Rows [B*T, D] as they enter block 0. */
	readonly embeddings: Node;
	/** Int64 [B, T]: the place of each token in its sequence. */
	readonly positions: Node;
	/** Int64 [B, S]: places of all keys, cached ones first; equal to `positions` where nothing is cached. */
	readonly keyPositions: Node;
	/** Cached keys and values per layer [B, G, P, K], or null. */
	readonly past: readonly { readonly keys: Node; readonly values: Node }[] | null;
	/** Where a row holds several sequences: which keys belong to each token's own. */
	readonly visibility?: Visibility;
	/**
	 * Int64 [B, J], indices into the rows [B*T]. Where given, all that follows the last block's keys and values is
	 * computed for these rows only, so the last hidden state and residual are [B*J, D], the last attention [B, G, R, J, S].
	 */
	readonly readoutRows?: Node;
	/**
	 * Most parts of the heads that attention is computed in, one after the other; 1 when left out. With more, gradients do
	 * not pass through `attentions`.
	 */
	readonly attentionParts?: number;
}

export interface DecoderTrace {
	/** L+1 nodes [B*T, D]: the embeddings, then each block's output; the last one after the final norm. */
	readonly hiddenStates: readonly Node[];
	/** Per layer [B, G, R, T, S] after softmax. */
	readonly attentions: readonly Node[];
	/** Per layer the new positions only, [B, G, T, K]. */
	readonly newKeysValues: readonly { readonly keys: Node; readonly values: Node }[];
	/** What the last block gives, [B*T, D], before the final norm. */
	readonly lastResidual: Node;
	/** Per layer how attention enters the residual stream. */
	readonly attentionOutputs: readonly AttentionOutput[];
}

export interface AttentionOutput {
	/** Weighted values of all heads side by side, [B*T, H*K]. */
	readonly heads: Node;
	/** From such rows to what is added to the residual stream, [N, H*K] to [N, D]. */
	readonly project: (rows: Node) => Node;
	/** The residual stream after it, [B*T, D]. */
	readonly residual: Node;
}

export interface Decoder {
	readonly sizes: DecoderSizes;
	/** Rows [B*T, D] for int64 ids [B, T], as they enter block 0. */
	embed(ids: Node): Node;
	run(inputs: DecoderInputs): DecoderTrace;
	/** Logits [M, V] of final hidden rows [M, D]. */
	logits(rows: Node): Node;
}

/** One line of the record of families. */
export interface DecoderFamily {
	/** `model_type` of config.json. */
	readonly modelType: string;
	/** The stored weight of a norm that scales nothing, where training starts. */
	readonly neutralNorm: 0 | 1;
	/** How the names in files differ from those that the decoder asks for; left out where they are the same. */
	readonly storedNames?: StoredNames;
	/** Checks the config and returns the decoder; throws `UserError` naming what is not handled. */
	createDecoder(config: ModelConfig, parameter: ParameterSource): Decoder;
	readSizes(config: ModelConfig): DecoderSizes;
}

/** config.json with the place it came from, for messages. */
export interface ModelConfig {
	readonly file: string;
	readonly values: Readonly<Record<string, unknown>>;
}

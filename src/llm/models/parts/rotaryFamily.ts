/**
 * Decoder families with rotary positions, RMS norms and gated MLPs, whose checkpoints name weights as Llama's do. Each
 * family is its config schema and the options in which it differs from Llama 2.
 */
import type { z } from 'zod';
import { scale } from '../../../engine/graph/build.ts';
import type { Node } from '../../../engine/graph/node.ts';
import { softCap } from '../../../engine/nn/activations.ts';
import { embed, linear } from '../../../engine/nn/blocks.ts';
import { rmsNorm } from '../../../engine/nn/normalisation.ts';
import type { Rotary } from '../../../engine/nn/rotary.ts';
import { parseConfig } from '../config.ts';
import type { DecoderFamily, DecoderSizes, ModelConfig, ParameterSource } from '../decoder.ts';
import { type PreNormBlock, type PreNormParts, preNormDecoder } from './preNormDecoder.ts';
import {
	adapted,
	gatedMlp,
	joinedProjections,
	type Projections,
	projection,
	separateProjections,
	type Transform,
} from './projections.ts';

/** What decides the mathematics of a decoder. What may be left out is then as in Llama 2. */
export interface RotaryOptions {
	readonly sizes: DecoderSizes;
	/** Width of the inside of the MLP. */
	readonly innerWidth: number;
	readonly activation: Transform;
	readonly epsilon: number;
	/** Whether the head is the embedding table. */
	readonly tiedHead: boolean;
	readonly rotary: (layer: number) => Rotary | null;
	/** Number of latest keys that a layer's queries see, or null for all. */
	readonly window?: (layer: number) => number | null;
	readonly biases?: { readonly queryKeyValue: boolean; readonly attentionOutput: boolean; readonly mlp: boolean };
	/** Whether q, k, v share a weight, and gate and up. */
	readonly joinedWeights?: boolean;
	/** Whether query and key heads have a norm. */
	readonly headNorms?: boolean;
	/** Whether queries and keys have a norm over all heads together. */
	readonly widthNorms?: boolean;
	/** Names of the norms around attention and the MLP, or null where there is none. */
	readonly norms?: {
		readonly beforeAttention: string | null;
		readonly afterAttention: string | null;
		readonly beforeMlp: string | null;
		readonly afterMlp: string | null;
	};
	/** From the stored weight of a norm to what it multiplies by. */
	readonly normWeight?: Transform;
	/** What products of queries and keys are multiplied by; K^-1/2 when left out. */
	readonly scoreScale?: number;
	/** Bounds of soft caps. */
	readonly scoreCap?: number | null;
	readonly logitCap?: number | null;
	readonly embeddingScale?: number;
	/** What the results of attention and MLP are multiplied by before they are added. */
	readonly residualScale?: number;
	/** What logits are multiplied by. */
	readonly logitScale?: number;
	/** The MLP of a layer, whose weights' names begin with `name`; a gated one when left out. */
	readonly mlp?: (parameter: ParameterSource, name: string, layer: number) => Transform;
}

const asInLlama2 = {
	window: () => null,
	biases: { queryKeyValue: false, attentionOutput: false, mlp: false },
	joinedWeights: false,
	headNorms: false,
	widthNorms: false,
	norms: {
		beforeAttention: 'input_layernorm',
		afterAttention: null,
		beforeMlp: 'post_attention_layernorm',
		afterMlp: null,
	},
	normWeight: (weight: Node) => weight,
	scoreCap: null,
	logitCap: null,
	embeddingScale: 1,
	residualScale: 1,
	logitScale: 1,
};

/** Returns a family from its schema and the options that a config's values give. */
export function rotaryFamily<Values>(
	modelType: string,
	schema: z.ZodObject & z.ZodType<Values>,
	optionsOf: (values: Values, file: string) => RotaryOptions,
): DecoderFamily {
	const read = (config: ModelConfig): Settled => {
		const options = optionsOf(parseConfig(config, schema), config.file);
		const mlp = gatedMlpOf({ ...asInLlama2, ...options });
		return { ...asInLlama2, scoreScale: options.sizes.headWidth ** -0.5, mlp, ...options };
	};
	return {
		modelType,
		neutralNorm: 1,
		createDecoder: (config, parameter) => preNormDecoder(decoderParts(read(config), parameter)),
		readSizes: (config) => read(config).sizes,
	};
}

type Settled = Required<RotaryOptions>;

function decoderParts(options: Settled, parameter: ParameterSource): PreNormParts {
	const { sizes, tiedHead, embeddingScale, logitCap, logitScale } = options;
	const tableShape = [sizes.vocabulary, sizes.hidden];
	const table = parameter('model.embed_tokens.weight', tableShape);
	const head = tiedHead ? table : parameter('lm_head.weight', tableShape);
	const project = adapted(parameter, 'lm_head', (rows) => linear(rows, head));
	const scaled: Transform = (rows) => scaledBy(project(rows), logitScale);
	return {
		sizes,
		embed: (ids) => scaledBy(embed(table, ids), embeddingScale),
		block: (layer) => decoderBlock(options, parameter, layer),
		finalNorm: (x) => norm(options, parameter, 'model.norm', sizes.hidden)(x),
		logits: (rows) => (logitCap === null ? scaled(rows) : softCap(scaled(rows), logitCap)),
	};
}

const unchanged: Transform = (x) => x;
const scaledBy = (x: Node, factor: number): Node => (factor === 1 ? x : scale(x, factor));

function decoderBlock(options: Settled, parameter: ParameterSource, layer: number): PreNormBlock {
	const { sizes, norms } = options;
	const name = `model.layers.${layer}`;
	const attention = `${name}.self_attn`;
	const blockNorm = (part: string | null): Transform =>
		part === null ? unchanged : norm(options, parameter, `${name}.${part}`, sizes.hidden);
	const headNorm = (part: string): Transform => norm(options, parameter, `${attention}.${part}`, sizes.headWidth);
	const added = (compute: Transform, normAfter: string | null): Transform => {
		const after = blockNorm(normAfter);
		return (x) => scaledBy(after(compute(x)), options.residualScale);
	};
	return {
		attentionNorm: blockNorm(norms.beforeAttention),
		project: queriesKeysValues(options, parameter, attention),
		headNorms: options.headNorms ? { query: headNorm('q_norm'), key: headNorm('k_norm') } : null,
		rotary: options.rotary(layer),
		window: options.window(layer),
		scores: { scale: options.scoreScale, cap: options.scoreCap },
		attentionOutput: added(attentionOutput(options, parameter, attention), norms.afterAttention),
		mlpNorm: blockNorm(norms.beforeMlp),
		mlp: added(options.mlp(parameter, name, layer), norms.afterMlp),
	};
}

function norm(options: Settled, parameter: ParameterSource, name: string, width: number): Transform {
	const weight = options.normWeight(parameter(`${name}.weight`, [width]));
	return (x) => rmsNorm(x, weight, options.epsilon);
}

function queriesKeysValues(options: Settled, parameter: ParameterSource, name: string): Projections {
	const { hidden, heads, keyValueHeads, headWidth } = options.sizes;
	const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * headWidth);
	const names = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${name}.${part}`);
	const biased = options.biases.queryKeyValue;
	const project = options.joinedWeights
		? joinedProjections(parameter, `${name}.qkv_proj`, hidden, widths, biased)
		: separateProjections(parameter, names, hidden, widths, biased);
	if (!options.widthNorms) return project;
	const norms = ['q_norm', 'k_norm'].map((part, i) => norm(options, parameter, `${name}.${part}`, widths[i] as number));
	return (x) => project(x).map((projected, i) => norms[i]?.(projected) ?? projected);
}

function attentionOutput({ sizes, biases }: Settled, parameter: ParameterSource, name: string): Transform {
	const from = sizes.heads * sizes.headWidth;
	return projection(parameter, `${name}.o_proj`, from, sizes.hidden, biases.attentionOutput);
}

type MlpOptions = Pick<Settled, 'sizes' | 'innerWidth' | 'activation' | 'biases' | 'joinedWeights'>;

function gatedMlpOf({ sizes, innerWidth, activation, biases, joinedWeights }: MlpOptions): Settled['mlp'] {
	const joined = joinedWeights ? 'gate_up_proj' : null;
	const widths = { hidden: sizes.hidden, inner: innerWidth };
	return (parameter, name) => gatedMlp(parameter, `${name}.mlp`, { ...widths, activation, joined, biased: biases.mlp });
}

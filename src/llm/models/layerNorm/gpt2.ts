/**
 * GPT-2 (Radford et al. 2019): learned positions, LayerNorm, biases everywhere, a plain MLP; weights lie as
 * [in, out], those of q, k, v side by side.
 */
import { z } from 'zod';
import { UserError } from '../../../core/errors.ts';
import { add } from '../../../engine/graph/build.ts';
import { embed, linear, linearTransposed } from '../../../engine/nn/blocks.ts';
import { activationName, activations, layerCount, size, withoutWindows } from '../parts/commonConfig.ts';
import { parseConfig } from '../config.ts';
import type { DecoderFamily, DecoderSizes, ModelConfig, ParameterSource } from '../decoder.ts';
import { type PreNormBlock, type PreNormParts, preNormDecoder } from '../parts/preNormDecoder.ts';
import { adapted, columns, namedLayerNorm, plainMlp, type Transform } from '../parts/projections.ts';

const schema = z.object({
	vocab_size: size,
	n_positions: size,
	n_embd: size,
	n_layer: layerCount,
	n_head: size,
	n_inner: size.nullish(),
	/** An older name of `n_positions`. */
	n_ctx: size.optional(),
	activation_function: activationName.default('gelu_new'),
	layer_norm_epsilon: z.number().positive().default(1e-5),
	scale_attn_weights: z.boolean().default(true),
	scale_attn_by_inverse_layer_idx: z.boolean().default(false),
	/** The order of the same computation in float16. */
	reorder_and_upcast_attn: z.boolean().optional(),
	...withoutWindows,
	tie_word_embeddings: z.boolean().default(true),
});

type Config = z.infer<typeof schema> & { readonly sizes: DecoderSizes };

function readConfig(config: ModelConfig): Config {
	const values = parseConfig(config, schema);
	const headWidth = values.n_embd / values.n_head;
	if (!Number.isInteger(headWidth)) {
		throw new UserError(`${config.file}: ${values.n_head} heads do not divide a width of ${values.n_embd}.`);
	}
	const sizes = {
		layers: values.n_layer,
		hidden: values.n_embd,
		heads: values.n_head,
		keyValueHeads: values.n_head,
		headWidth,
		vocabulary: values.vocab_size,
		contextLength: values.n_positions,
	};
	return { ...values, sizes };
}

function decoderParts(config: Config, parameter: ParameterSource): PreNormParts {
	const { hidden, vocabulary, contextLength } = config.sizes;
	const table = parameter('transformer.wte.weight', [vocabulary, hidden]);
	const positionTable = parameter('transformer.wpe.weight', [contextLength, hidden]);
	const head = config.tie_word_embeddings ? table : parameter('lm_head.weight', [vocabulary, hidden]);
	return {
		sizes: config.sizes,
		embed: (ids) => embed(table, ids),
		addPositions: (embeddings, positions) => add(embeddings, embed(positionTable, positions)),
		block: (layer) => decoderBlock(config, parameter, layer),
		finalNorm: (x) => norm(config, parameter, 'transformer.ln_f')(x),
		logits: adapted(parameter, 'lm_head', (rows) => linear(rows, head)),
	};
}

function decoderBlock(config: Config, parameter: ParameterSource, layer: number): PreNormBlock {
	const { hidden, headWidth } = config.sizes;
	const name = `transformer.h.${layer}`;
	const joined = projection(parameter, `${name}.attn.c_attn`, hidden, 3 * hidden);
	const scale = config.scale_attn_weights ? headWidth ** -0.5 : 1;
	return {
		attentionNorm: norm(config, parameter, `${name}.ln_1`),
		project: (x) => columns(joined(x), [hidden, hidden, hidden]),
		headNorms: null,
		rotary: null,
		window: null,
		scores: { scale: config.scale_attn_by_inverse_layer_idx ? scale / (layer + 1) : scale, cap: null },
		attentionOutput: projection(parameter, `${name}.attn.c_proj`, hidden, hidden),
		mlpNorm: norm(config, parameter, `${name}.ln_2`),
		mlp: mlp(config, parameter, `${name}.mlp`),
	};
}

function mlp(config: Config, parameter: ParameterSource, name: string): Transform {
	const { hidden } = config.sizes;
	const inner = config.n_inner ?? 4 * hidden;
	const widen = projection(parameter, `${name}.c_fc`, hidden, inner);
	const narrow = projection(parameter, `${name}.c_proj`, inner, hidden);
	return plainMlp(widen, activations[config.activation_function], narrow);
}

function norm(config: Config, parameter: ParameterSource, name: string): Transform {
	return namedLayerNorm(parameter, name, config.sizes.hidden, config.layer_norm_epsilon);
}

/** Returns x W + b for rows [N, from] and W [from, to]. */
function projection(parameter: ParameterSource, name: string, from: number, to: number): Transform {
	const [weight, bias] = [parameter(`${name}.weight`, [from, to]), parameter(`${name}.bias`, [to])];
	return adapted(parameter, name, (x) => linearTransposed(x, weight, bias));
}

export const gpt2: DecoderFamily = {
	modelType: 'gpt2',
	neutralNorm: 1,
	createDecoder: (config, parameter) => preNormDecoder(decoderParts(readConfig(config), parameter)),
	readSizes: (config) => readConfig(config).sizes,
};

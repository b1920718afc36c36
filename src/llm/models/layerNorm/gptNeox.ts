/**
 * GPT-NeoX (Black et al. 2022; Pythia, Biderman et al. 2023): LayerNorm, attention and MLP side by side, rotary positions
 * for a part of each head, q, k, v of each head side by side in one weight.
 */
import { z } from 'zod';
import { itemAt } from '../../../core/present.ts';
import { reshape, slice } from '../../../engine/graph/build.ts';
import { embed, linear } from '../../../engine/nn/blocks.ts';
import type { Rotary } from '../../../engine/nn/rotary.ts';
import { parseConfig } from '../config.ts';
import type { DecoderFamily, DecoderSizes, ModelConfig, ParameterSource } from '../decoder.ts';
import { activationName, activations, decoderSizes, widthKeys, withoutWindows } from '../parts/commonConfig.ts';
import { type PreNormBlock, type PreNormParts, preNormDecoder } from '../parts/preNormDecoder.ts';
import { adapted, namedLayerNorm, plainMlp, type Projections, projection } from '../parts/projections.ts';
import { partialRotaryKeys, partialRotarySettings, rotaryPositions } from '../parts/rotary.ts';

const { num_key_value_heads: _, rope_theta: __, ...keys } = { ...widthKeys, ...partialRotaryKeys };

const schema = z.object({
	...keys,
	...withoutWindows,
	hidden_act: activationName.default('gelu'),
	layer_norm_eps: z.number().positive().default(1e-5),
	rotary_pct: z.number().positive().max(1).default(0.25),
	rotary_emb_base: z.number().positive().default(10_000),
	use_parallel_residual: z.boolean().default(true),
	attention_bias: z.boolean().default(true),
});

interface Settled extends z.infer<typeof schema> {
	readonly sizes: DecoderSizes;
	readonly rotary: Rotary;
}

function readConfig(config: ModelConfig): Settled {
	const values = parseConfig(config, schema);
	const sizes = decoderSizes(config.file, values);
	const { settings, share } = partialRotarySettings(
		{ ...values, rope_theta: values.rotary_emb_base },
		values.rotary_pct,
	);
	const rotary = rotaryPositions(config.file, settings, sizes, share);
	return { ...values, sizes: { ...sizes, contextLength: rotary.contextLength }, rotary };
}

function decoderParts(config: Settled, parameter: ParameterSource): PreNormParts {
	const { hidden, vocabulary } = config.sizes;
	const table = parameter('gpt_neox.embed_in.weight', [vocabulary, hidden]);
	const head = config.tie_word_embeddings ? table : parameter('embed_out.weight', [vocabulary, hidden]);
	return {
		sizes: config.sizes,
		embed: (ids) => embed(table, ids),
		block: (layer) => decoderBlock(config, parameter, layer),
		finalNorm: (x) => namedLayerNorm(parameter, 'gpt_neox.final_layer_norm', hidden, config.layer_norm_eps)(x),
		logits: adapted(parameter, 'embed_out', (rows) => linear(rows, head)),
	};
}

function decoderBlock(config: Settled, parameter: ParameterSource, layer: number): PreNormBlock {
	const { sizes, attention_bias: biased, intermediate_size: inner } = config;
	const { hidden, headWidth } = sizes;
	const name = `gpt_neox.layers.${layer}`;
	const norm = (part: string) => namedLayerNorm(parameter, `${name}.${part}`, hidden, config.layer_norm_eps);
	const widen = projection(parameter, `${name}.mlp.dense_h_to_4h`, hidden, inner, true);
	const narrow = projection(parameter, `${name}.mlp.dense_4h_to_h`, inner, hidden, true);
	return {
		attentionNorm: norm('input_layernorm'),
		project: projectionsByHead(parameter, `${name}.attention.query_key_value`, sizes, biased),
		headNorms: null,
		rotary: config.rotary,
		window: null,
		scores: { scale: headWidth ** -0.5, cap: null },
		attentionOutput: projection(parameter, `${name}.attention.dense`, hidden, hidden, biased),
		mlpNorm: norm('post_attention_layernorm'),
		mlp: plainMlp(widen, activations[config.hidden_act], narrow),
		isParallel: config.use_parallel_residual,
	};
}

/** Returns q, k and v, each [N, H*K], by one weight whose rows are [H, (q|k|v), K]. */
function projectionsByHead(
	parameter: ParameterSource,
	name: string,
	{ hidden, heads, headWidth }: DecoderSizes,
	biased: boolean,
): Projections {
	const joined = projection(parameter, name, hidden, 3 * hidden, biased);
	return (x) => {
		const rows = joined(x);
		const count = itemAt(rows.shape, 0);
		const byHead = reshape(rows, [count, heads, 3 * headWidth]);
		const part = (i: number) => reshape(slice(byHead, 2, i * headWidth, (i + 1) * headWidth), [count, hidden]);
		return [part(0), part(1), part(2)];
	};
}

export const gptNeox: DecoderFamily = {
	modelType: 'gpt_neox',
	neutralNorm: 1,
	createDecoder: (config, parameter) => preNormDecoder(decoderParts(readConfig(config), parameter)),
	readSizes: (config) => readConfig(config).sizes,
};

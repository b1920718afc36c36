/**
 * Phi 1, 1.5 and 2 (Gunasekar et al. 2023): attention and MLP side by side after one LayerNorm, rotary positions for a
 * part of each head, biases everywhere, that of the head included.
 */
import { z } from 'zod';
import { memoize } from '../../../core/memoize.ts';
import { embed, linear } from '../../../engine/nn/blocks.ts';
import type { Rotary } from '../../../engine/nn/rotary.ts';
import { parseConfig } from '../config.ts';
import type { DecoderFamily, DecoderSizes, ModelConfig, ParameterSource } from '../decoder.ts';
import { activationName, activations, decoderSizes, widthKeys, withoutWindows } from '../parts/commonConfig.ts';
import { type PreNormBlock, type PreNormParts, preNormDecoder } from '../parts/preNormDecoder.ts';
import { adapted, namedLayerNorm, plainMlp, projection, separateProjections } from '../parts/projections.ts';
import { partialRotaryKeys, partialRotarySettings, rotaryPositions } from '../parts/rotary.ts';

const schema = z.object({
	...widthKeys,
	...partialRotaryKeys,
	...withoutWindows,
	hidden_act: activationName.default('gelu_new'),
	layer_norm_eps: z.number().positive().default(1e-5),
});

interface Settled extends z.infer<typeof schema> {
	readonly sizes: DecoderSizes;
	readonly rotary: Rotary;
}

function readConfig(config: ModelConfig): Settled {
	const values = parseConfig(config, schema);
	const sizes = decoderSizes(config.file, values);
	const { settings, share } = partialRotarySettings(values, 0.5);
	const rotary = rotaryPositions(config.file, settings, sizes, share);
	return { ...values, sizes: { ...sizes, contextLength: rotary.contextLength }, rotary };
}

function decoderParts(config: Settled, parameter: ParameterSource): PreNormParts {
	const { hidden, vocabulary } = config.sizes;
	const table = parameter('model.embed_tokens.weight', [vocabulary, hidden]);
	const head = config.tie_word_embeddings ? table : parameter('lm_head.weight', [vocabulary, hidden]);
	const bias = parameter('lm_head.bias', [vocabulary]);
	return {
		sizes: config.sizes,
		embed: (ids) => embed(table, ids),
		block: (layer) => decoderBlock(config, parameter, layer),
		finalNorm: (x) => namedLayerNorm(parameter, 'model.final_layernorm', hidden, config.layer_norm_eps)(x),
		logits: adapted(parameter, 'lm_head', (rows) => linear(rows, head, bias)),
	};
}

function decoderBlock(config: Settled, parameter: ParameterSource, layer: number): PreNormBlock {
	const { hidden, heads, keyValueHeads, headWidth } = config.sizes;
	const name = `model.layers.${layer}`;
	const attention = `${name}.self_attn`;
	const names = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${attention}.${part}`);
	const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * headWidth);
	const norm = memoize(namedLayerNorm(parameter, `${name}.input_layernorm`, hidden, config.layer_norm_eps));
	const widen = projection(parameter, `${name}.mlp.fc1`, hidden, config.intermediate_size, true);
	const narrow = projection(parameter, `${name}.mlp.fc2`, config.intermediate_size, hidden, true);
	return {
		attentionNorm: norm,
		project: separateProjections(parameter, names, hidden, widths, true),
		headNorms: null,
		rotary: config.rotary,
		window: null,
		scores: { scale: headWidth ** -0.5, cap: null },
		attentionOutput: projection(parameter, `${attention}.dense`, heads * headWidth, hidden, true),
		mlpNorm: norm,
		mlp: plainMlp(widen, activations[config.hidden_act], narrow),
		isParallel: true,
	};
}

export const phi: DecoderFamily = {
	modelType: 'phi',
	neutralNorm: 1,
	createDecoder: (config, parameter) => preNormDecoder(decoderParts(readConfig(config), parameter)),
	readSizes: (config) => readConfig(config).sizes,
};

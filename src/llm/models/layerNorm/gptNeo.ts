/**
 * GPT-Neo (Black et al. 2021; the TinyStories models): GPT-2's block with weights as [out, in], q, k, v apart and
 * without biases, scores that are not scaled, and a window in every other layer.
 */
import { z } from 'zod';
import { UserError } from '../../../core/errors.ts';
import { add } from '../../../engine/graph/build.ts';
import { embed, linear } from '../../../engine/nn/blocks.ts';
import { parseConfig } from '../config.ts';
import type { DecoderFamily, DecoderSizes, ModelConfig, ParameterSource } from '../decoder.ts';
import { activationName, activations, layerCount, size } from '../parts/commonConfig.ts';
import { type PreNormBlock, type PreNormParts, preNormDecoder } from '../parts/preNormDecoder.ts';
import { adapted, namedLayerNorm, plainMlp, projection, separateProjections } from '../parts/projections.ts';

const kind = z.enum(['global', 'local']);

const schema = z.object({
	vocab_size: size,
	hidden_size: size,
	num_layers: layerCount,
	num_heads: size,
	max_position_embeddings: size,
	intermediate_size: size.nullish(),
	activation_function: activationName.default('gelu_new'),
	layer_norm_epsilon: z.number().positive().default(1e-5),
	tie_word_embeddings: z.boolean().default(true),
	/** Stretches of layers: kinds in their order, and how often they follow each other. */
	attention_types: z.array(z.tuple([z.array(kind), layerCount])).default([[['global', 'local'], 12]]),
	/** What `attention_types` says, by layer. */
	attention_layers: z.array(kind).optional(),
	window_size: size.default(256),
});

type Config = z.infer<typeof schema> & { readonly sizes: DecoderSizes; readonly kinds: readonly string[] };

function readConfig(config: ModelConfig): Config {
	const values = parseConfig(config, schema);
	const headWidth = values.hidden_size / values.num_heads;
	if (!Number.isInteger(headWidth)) {
		throw new UserError(`${config.file}: ${values.num_heads} heads do not divide a width of ${values.hidden_size}.`);
	}
	const sizes = {
		layers: values.num_layers,
		hidden: values.hidden_size,
		heads: values.num_heads,
		keyValueHeads: values.num_heads,
		headWidth,
		vocabulary: values.vocab_size,
		contextLength: values.max_position_embeddings,
	};
	return { ...values, sizes, kinds: kindsOf(config.file, values) };
}

/** Returns the kind of each layer. Throws `UserError` when there are not as many kinds as layers, or two keys disagree. */
function kindsOf(file: string, { num_layers: layers, ...values }: z.infer<typeof schema>): string[] {
	const kinds = values.attention_types.flatMap(([some, times]) => Array.from({ length: times }, () => some).flat());
	if (kinds.length !== layers) {
		throw new UserError(`${file}: attention_types gives ${kinds.length} layers, but num_layers is ${layers}.`);
	}
	if (values.attention_layers?.some((own, i) => own !== kinds[i])) {
		throw new UserError(`${file}: attention_layers and attention_types say different things.`);
	}
	return kinds;
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
		finalNorm: (x) => namedLayerNorm(parameter, 'transformer.ln_f', hidden, config.layer_norm_epsilon)(x),
		logits: adapted(parameter, 'lm_head', (rows) => linear(rows, head)),
	};
}

function decoderBlock(config: Config, parameter: ParameterSource, layer: number): PreNormBlock {
	const { hidden } = config.sizes;
	const name = `transformer.h.${layer}`;
	const attention = `${name}.attn.attention`;
	const inner = config.intermediate_size ?? 4 * hidden;
	const names = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${attention}.${part}`);
	const widen = projection(parameter, `${name}.mlp.c_fc`, hidden, inner, true);
	const narrow = projection(parameter, `${name}.mlp.c_proj`, inner, hidden, true);
	return {
		attentionNorm: namedLayerNorm(parameter, `${name}.ln_1`, hidden, config.layer_norm_epsilon),
		project: separateProjections(parameter, names, hidden, [hidden, hidden, hidden], false),
		headNorms: null,
		rotary: null,
		window: config.kinds[layer] === 'local' ? config.window_size : null,
		scores: { scale: 1, cap: null },
		attentionOutput: projection(parameter, `${attention}.out_proj`, hidden, hidden, true),
		mlpNorm: namedLayerNorm(parameter, `${name}.ln_2`, hidden, config.layer_norm_epsilon),
		mlp: plainMlp(widen, activations[config.activation_function], narrow),
	};
}

export const gptNeo: DecoderFamily = {
	modelType: 'gpt_neo',
	neutralNorm: 1,
	createDecoder: (config, parameter) => preNormDecoder(decoderParts(readConfig(config), parameter)),
	readSizes: (config) => readConfig(config).sizes,
};

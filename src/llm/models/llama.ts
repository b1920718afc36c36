/** Llama 2 and 3 (Touvron et al. 2023; Grattafiori et al. 2024): pre-norm blocks, rotary positions, grouped queries, gated MLP. */
import { z } from 'zod';
import { add, concat, tagged } from '../../engine/graph/build.ts';
import type { Node } from '../../engine/graph/node.ts';
import type { Dimension } from '../../engine/graph/shape.ts';
import {
	cacheOrder, causalMask, embed, gatedMlp, groupedQueryAttention, linear, rmsNorm, rotaryAngles, rotate, silu, splitHeads,
} from '../../engine/nn/blocks.ts';
import { parseConfig } from './config.ts';
import type { Decoder, DecoderFamily, DecoderInputs, DecoderSizes, DecoderTrace, ModelConfig, ParameterSource } from './decoder.ts';
import { rotaryFrequencies, rotaryKeys } from './rotary.ts';

const size = z.number().int().positive();

const schema = z.object({
	vocab_size: size,
	hidden_size: size,
	intermediate_size: size,
	num_hidden_layers: size,
	num_attention_heads: size,
	num_key_value_heads: size.optional(),
	head_dim: size.nullish(),
	max_position_embeddings: size,
	rms_norm_eps: z.number().positive(),
	hidden_act: z.literal('silu'),
	attention_bias: z.boolean().default(false),
	mlp_bias: z.literal(false).default(false),
	tie_word_embeddings: z.boolean().default(false),
	...rotaryKeys,
});

interface Config extends z.infer<typeof schema> {
	readonly sizes: DecoderSizes;
	readonly frequencies: readonly number[];
}

function readConfig(modelConfig: ModelConfig): Config {
	const values = parseConfig(modelConfig, schema);
	const headWidth = values.head_dim ?? values.hidden_size / values.num_attention_heads;
	const sizes = {
		layers: values.num_hidden_layers,
		hidden: values.hidden_size,
		heads: values.num_attention_heads,
		keyValueHeads: values.num_key_value_heads ?? values.num_attention_heads,
		headWidth,
		vocabulary: values.vocab_size,
		contextLength: values.max_position_embeddings,
	};
	return { ...values, sizes, frequencies: rotaryFrequencies(modelConfig.file, values, headWidth) };
}

function createDecoder(modelConfig: ModelConfig, parameter: ParameterSource): Decoder {
	const config = readConfig(modelConfig);
	const { hidden, vocabulary } = config.sizes;
	const table = parameter('model.embed_tokens.weight', [vocabulary, hidden]);
	const head = config.tie_word_embeddings ? table : parameter('lm_head.weight', [vocabulary, hidden]);
	return {
		sizes: config.sizes,
		embed: (ids) => embed(table, ids),
		run: (inputs) => runBlocks(config, parameter, inputs),
		logits: (rows) => linear(rows, head),
	};
}

function runBlocks(config: Config, parameter: ParameterSource, inputs: DecoderInputs): DecoderTrace {
	const angles = rotaryAngles(inputs.positions, config.frequencies);
	const mask = causalMask(inputs.positions, inputs.keyPositions);
	const hiddenStates = [inputs.embeddings];
	const attentions: Node[] = [];
	const newKeysValues: { keys: Node; values: Node }[] = [];
	let x = inputs.embeddings;
	for (let layer = 0; layer < config.sizes.layers; layer++) {
		const name = `model.layers.${layer}`;
		const norm = (part: string): Node => parameter(`${name}.${part}.weight`, [config.sizes.hidden]);
		const attention = attend(config, parameter, name, rmsNorm(x, norm('input_layernorm'), config.rms_norm_eps), {
			...inputs, angles, mask, past: inputs.past?.[layer] ?? null,
		});
		x = add(x, attention.output);
		x = add(x, mlp(config, parameter, `${name}.mlp`, rmsNorm(x, norm('post_attention_layernorm'), config.rms_norm_eps)));
		hiddenStates.push(x);
		attentions.push(attention.weights);
		newKeysValues.push(attention.newKeysValues);
	}
	hiddenStates.push(rmsNorm(hiddenStates.pop() as Node, parameter('model.norm.weight', [config.sizes.hidden]), config.rms_norm_eps));
	return { hiddenStates, attentions, newKeysValues };
}

interface BlockInputs {
	readonly positions: Node;
	readonly keyPositions: Node;
	readonly angles: { readonly cosines: Node; readonly sines: Node };
	readonly mask: Node;
	readonly past: { readonly keys: Node; readonly values: Node } | null;
}

interface BlockAttention {
	readonly output: Node;
	readonly weights: Node;
	readonly newKeysValues: { readonly keys: Node; readonly values: Node };
}

function attend(config: Config, parameter: ParameterSource, name: string, x: Node, inputs: BlockInputs): BlockAttention {
	const { hidden, heads, keyValueHeads, headWidth } = config.sizes;
	const [batch, tokens] = inputs.positions.shape as [Dimension, Dimension];
	const project = (part: string, count: number): Node => {
		const path = `${name}.self_attn.${part}_proj`;
		const bias = config.attention_bias ? parameter(`${path}.bias`, [count * headWidth]) : null;
		return splitHeads(linear(x, parameter(`${path}.weight`, [count * headWidth, hidden]), bias), batch, tokens, count);
	};
	const q = tagged('query', rotate(project('q', heads), inputs.angles));
	const newKeys = cacheOrder(tagged('key', rotate(project('k', keyValueHeads), inputs.angles)));
	const newValues = cacheOrder(tagged('value', project('v', keyValueHeads)));
	const all = (past: Node | undefined, fresh: Node): Node =>
		past === undefined ? fresh : concat([past, fresh], 2, inputs.keyPositions.shape[1] as Dimension);
	const { output, weights } = groupedQueryAttention(
		q, all(inputs.past?.keys, newKeys), all(inputs.past?.values, newValues), inputs.mask, headWidth ** -0.5,
	);
	const path = `${name}.self_attn.o_proj`;
	const bias = config.attention_bias ? parameter(`${path}.bias`, [hidden]) : null;
	const projected = linear(output, parameter(`${path}.weight`, [hidden, heads * headWidth]), bias);
	return { output: projected, weights, newKeysValues: { keys: newKeys, values: newValues } };
}

function mlp(config: Config, parameter: ParameterSource, name: string, x: Node): Node {
	const [inner, hidden] = [config.intermediate_size, config.sizes.hidden];
	const weights = {
		gate: parameter(`${name}.gate_proj.weight`, [inner, hidden]),
		up: parameter(`${name}.up_proj.weight`, [inner, hidden]),
		down: parameter(`${name}.down_proj.weight`, [hidden, inner]),
	};
	return gatedMlp(x, weights, silu);
}

export const llama: DecoderFamily = {
	modelType: 'llama',
	createDecoder,
	readSizes: (config) => readConfig(config).sizes,
};

/** Every family as a tiny random decoder in float64, by the reference evaluation: gradients, relevances, caches. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../core/random.ts';
import { type Edits, gradients } from '../../engine/graph/backward.ts';
import { add, constant, input, multiply, slice, sum } from '../../engine/graph/build.ts';
import { evaluate, type Tensor } from '../../engine/graph/evaluationRules.ts';
import type { Node } from '../../engine/graph/node.ts';
import { attnLrpEdits } from '../attribution/attnLrp.ts';
import { cpLrpEdits } from '../attribution/cpLrp.ts';
import type { DecoderInputs, DecoderTrace, ModelConfig } from './decoder.ts';
import { familyOf } from './families.ts';
import { shared } from './loadDecoder.ts';

const sizes = {
	vocab_size: 11,
	hidden_size: 8,
	intermediate_size: 12,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	num_key_value_heads: 1,
	max_position_embeddings: 16,
	rms_norm_eps: 1e-5,
};
const gated = { ...sizes, hidden_act: 'silu' };
const { num_key_value_heads: _, rms_norm_eps: __, ...ungated } = sizes;
const experts = { num_experts: 3, num_experts_per_tok: 2 };
const gemma = { ...sizes, head_dim: 6, query_pre_attn_scalar: 5, sliding_window: 2 };

/** Keys of config.json by family; windows are shorter than the text. */
const configs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	llama: gated,
	mistral: { ...gated, sliding_window: 3 },
	qwen2: { ...gated, use_sliding_window: true, sliding_window: 2, max_window_layers: 1 },
	qwen3: { ...gated, head_dim: 6 },
	gemma2: { ...gemma, attn_logit_softcapping: 2, final_logit_softcapping: 3 },
	gemma3_text: { ...gemma, sliding_window_pattern: 2 },
	phi3: { ...gated, partial_rotary_factor: 0.5, sliding_window: 4 },
	gemma: { ...gated, hidden_act: 'gelu', head_dim: 6 },
	olmo2: gated,
	olmo3: { ...gated, sliding_window: 2, layer_types: ['sliding_attention', 'full_attention'] },
	smollm3: { ...gated, no_rope_layers: [1, 0] },
	granite: {
		...gated,
		embedding_multiplier: 2,
		attention_multiplier: 0.3,
		residual_multiplier: 0.5,
		logits_scaling: 3,
	},
	granitemoehybrid: {
		...gated,
		layer_types: ['attention', 'attention'],
		num_local_experts: 0,
		shared_intermediate_size: 10,
		residual_multiplier: 0.5,
	},
	ministral3: { ...gated, head_dim: 6 },
	gpt_neo: {
		vocab_size: 11,
		hidden_size: 8,
		num_layers: 2,
		num_heads: 2,
		max_position_embeddings: 16,
		window_size: 2,
		attention_types: [[['global', 'local'], 1]],
	},
	qwen3_moe: { ...gated, head_dim: 6, ...experts, moe_intermediate_size: 5, mlp_only_layers: [0] },
	olmoe: { ...gated, ...experts },
	mixtral: { ...gated, num_local_experts: 3, num_experts_per_tok: 2 },
	qwen2_moe: { ...gated, ...experts, moe_intermediate_size: 5, shared_expert_intermediate_size: 7 },
	gpt_neox: { ...ungated, rotary_pct: 0.5 },
	phi: { ...ungated, partial_rotary_factor: 0.5 },
	gpt2: { vocab_size: 11, n_positions: 16, n_embd: 8, n_layer: 2, n_head: 2 },
};

const withoutBiases = [
	...['llama', 'mistral', 'ministral3', 'qwen3', 'gemma', 'gemma2', 'gemma3_text', 'phi3'],
	...['olmo2', 'olmo3', 'smollm3', 'granite', 'granitemoehybrid', 'qwen3_moe', 'olmoe', 'mixtral'],
];

const ids = [3, 7, 1, 9, 4];
const target = 5;

describe.each(Object.keys(configs))('%s', (type) => {
	const model = tinyModel(type);

	it('has the gradients of embeddings and of parameters that finite differences give', () => {
		const { logit, shift, parameters, feeds } = model;
		for (const nodes of [[shift], parameters]) {
			const direction = nodes.map((node) => randomTensor(node, 'direction'));
			const found = evaluate(gradients(logit, nodes) as Node[], feeds);
			const slope = found.reduce((total, tensor, i) => total + dot(tensor, direction[i] as Tensor), 0);
			const logitAt = (step: number): number => {
				const moved = nodes.map(({ parameters: { name } }, i): [string, Tensor] => [
					name,
					plus(feeds.get(name) as Tensor, direction[i] as Tensor, step),
				]);
				return valueOf(logit, new Map([...feeds, ...moved]));
			};
			expect(Math.abs(slope)).toBeGreaterThan(1e-3);
			expect((logitAt(1e-5) - logitAt(-1e-5)) / 2e-5 / slope).toBeCloseTo(1, 6);
		}
	});

	it.runIf(withoutBiases.includes(type))('has CP-LRP relevances that sum to the logit', () => {
		const logit = valueOf(model.logit, model.feeds);
		expect(totalRelevance(model, cpLrpEdits)).toBeCloseTo(logit, 9);
		expect(Math.abs(totalRelevance(model, attnLrpEdits) - logit)).toBeGreaterThan(1e-3);
	});

	it('gives the same logit after a cached beginning and beside padding on the left', () => {
		const logit = valueOf(model.logit, model.feeds);
		expect(valueOf(model.logitAfterCache(2), model.feeds)).toBeCloseTo(logit, 9);
		expect(valueOf(model.logitBesidePadding(3), model.feeds)).toBeCloseTo(logit, 9);
	});
});

interface TinyModel {
	/** Logit of the target after the last token. */
	readonly logit: Node;
	/** Rows [T, D] that enter block 0: looked up, plus a fed `shift` of zeros whose gradient is theirs. */
	readonly embeddings: Node;
	readonly shift: Node<'input'>;
	readonly parameters: readonly Node<'input'>[];
	readonly feeds: ReadonlyMap<string, Tensor>;
	/** The logit where keys and values of the first tokens come from a pass of their own. */
	logitAfterCache(tokens: number): Node;
	/** The logit where so many padding tokens, with key positions that no query sees, come first. */
	logitBesidePadding(tokens: number): Node;
}

function tinyModel(type: string): TinyModel {
	const config: ModelConfig = { file: `${type}/config.json`, values: { model_type: type, ...configs[type] } };
	const parameters = new Map<string, Node<'input'>>();
	const source = shared((name, shape) => {
		const node = input(name, shape);
		parameters.set(name, node);
		return node;
	});
	const decoder = familyOf(config).createDecoder(config, source);
	const places = ids.map((_, i) => i);
	const logitOf = (trace: DecoderTrace): Node => {
		const rows = trace.hiddenStates.at(-1) as Node;
		const last = Number(rows.shape[0]) - 1;
		return slice(slice(decoder.logits(rows), 0, last, last + 1), 1, target, target + 1);
	};
	const pass = (tokens: readonly number[], positions: readonly number[]): DecoderInputs => ({
		embeddings: decoder.embed(integers(tokens)),
		positions: integers(positions),
		keyPositions: integers(positions),
		past: null,
	});
	const shift = input('shift', [ids.length, decoder.sizes.hidden]);
	const embeddings = add(decoder.embed(integers(ids)), shift);
	const logit = logitOf(decoder.run({ ...pass(ids, places), embeddings }));
	const random = [...parameters.values()].map((node): [string, Tensor] => [node.parameters.name, randomTensor(node)]);
	return {
		logit,
		embeddings,
		shift,
		parameters: [...parameters.values()],
		feeds: new Map([...random, ['shift', zeros(shift)]]),
		logitAfterCache: (tokens) => {
			const { newKeysValues } = decoder.run(pass(ids.slice(0, tokens), places.slice(0, tokens)));
			const rest = pass(ids.slice(tokens), places.slice(tokens));
			return logitOf(decoder.run({ ...rest, keyPositions: integers(places), past: newKeysValues }));
		},
		logitBesidePadding: (tokens) => {
			const padded = (values: readonly number[], value: number): number[] => [
				...Array.from({ length: tokens }, () => value),
				...values,
			];
			const keyPositions = integers(padded(places, 2 ** 30));
			return logitOf(decoder.run({ ...pass(padded(ids, 0), padded(places, 0)), keyPositions }));
		},
	};
}

const integers = (values: readonly number[]): Node => constant(values, [1, values.length], 'int64');

function zeros(node: Node): Tensor {
	const sizes = node.shape.map(Number);
	return { sizes, data: new Float64Array(sizes.reduce((a, b) => a * b, 1)) };
}

/** Returns normal numbers, always the same for a name and seed. */
function randomTensor(node: Node<'input'>, seed = 'value'): Tensor {
	const random = seededRandom(seed, node.parameters.name);
	const { sizes, data } = zeros(node);
	return { sizes, data: data.map(() => 0.5 * random.normal()) };
}

function plus(a: Tensor, b: Tensor, factor: number): Tensor {
	return { sizes: a.sizes, data: a.data.map((value, i) => value + factor * (b.data[i] as number)) };
}

function dot(a: Tensor, b: Tensor): number {
	return a.data.reduce((total, value, i) => total + value * (b.data[i] as number), 0);
}

function valueOf(node: Node, feeds: ReadonlyMap<string, Tensor>): number {
	return evaluate([node], feeds)[0]?.data[0] as number;
}

/** Returns the sum over tokens of sum_k E_ik g_ik. */
function totalRelevance({ logit, shift, embeddings, feeds }: TinyModel, edits: Edits): number {
	const [gradient] = gradients(logit, [shift], edits) as [Node];
	return valueOf(sum(multiply(gradient, embeddings), [0, 1]), feeds);
}
